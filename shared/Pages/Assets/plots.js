// Lines over time that can be read value by value and zoomed. Without this script, and in print, they are the pictures that they replace.
"use strict";
(() => {
  const height = 240;
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colourOf = index => colour(`--series-${index % 6}`);
  const number = value => value == null ? "–" : Math.abs(value) >= 1000
    ? value.toLocaleString("en", { maximumFractionDigits: 0 })
    : String(Number(value.toPrecision(4)));

  /** Each series, and its band as two more that have no entry in the legend. */
  const layersOf = plot => plot.series.flatMap((one, index) => {
    const line = { label: one.name, stroke: colourOf(index), width: 1.8, points: { size: 5 }, value: (_, value) => number(value) };
    if (!one.low) return [{ values: one.values, line }];
    const edge = label => ({ label, width: 0, points: { show: false }, value: (_, value) => number(value) });
    return [
      { values: one.values, line },
      { values: one.high, line: edge(`${one.name}, to`), band: colourOf(index) },
      { values: one.low, line: edge(`${one.name}, from`) },
    ];
  });

  const draw = box => {
    const plot = JSON.parse(box.dataset.plot);
    const layers = layersOf(plot);
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const options = {
      width: box.clientWidth,
      height,
      ms: 1,
      tzDate: at => uPlot.tzDate(new Date(at), "Etc/UTC"),
      scales: { y: { range: (_, low, high) => uPlot.rangeNum(plot.fromZero ? Math.min(0, low) : low, high, 0.05, plot.fromZero) } },
      axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(number) }],
      series: [{ label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" }, ...layers.map(layer => layer.line)],
      bands: layers.flatMap((layer, index) => layer.band
        ? [{ series: [index + 1, index + 2], fill: `${layer.band}2e` }]
        : []),
    };
    const chart = new uPlot(options, [plot.at, ...layers.map(layer => layer.values)], box);
    chart.root.setAttribute("role", "group");
    chart.root.setAttribute("aria-label", `${plot.title}. Drag to zoom, double-click to see all of it.`);
    box.classList.add("live");
    new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height })).observe(box);
  };

  for (const box of document.querySelectorAll("[data-plot]")) draw(box);
})();
