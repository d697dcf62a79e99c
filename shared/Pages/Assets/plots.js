// Lines over time that can be read value by value and zoomed. Without this script, and in print, the page shows the pictures that they replace.
"use strict";
(() => {
  const height = 240;
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colourOf = index => colour(`--series-${index % 6}`);
  const number = value => value == null ? "–" : Math.abs(value) >= 1000
    ? value.toLocaleString("en", { maximumFractionDigits: 0 })
    : String(Number(value.toPrecision(4)));

  // For each distance between two marks, in milliseconds: the label of each mark, and the label below the first of a year or a day.
  const [second, minute, hour, day] = [1e3, 6e4, 36e5, 864e5];
  const below = (text, year, ofDay) => [text, year, null, ofDay, null, null, null, 1];
  const times = [
    [365 * day, ...below("{YYYY}", null, null)],
    [28 * day, ...below("{YYYY}-{MM}", null, null)],
    [day, ...below("{MM}-{DD}", "\n{YYYY}", null)],
    [hour, ...below("{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", "\n{MM}-{DD}")],
    [minute, ...below("{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", "\n{MM}-{DD}")],
    [second, ...below("{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", "\n{MM}-{DD}")],
  ];

  /** Each series, and its band as two more series without an entry in the legend: the entry of the series shows both ends. */
  const layersOf = plot => plot.series.flatMap((one, index) => {
    const words = at => one.low && one.low[at] != null
      ? `${number(one.values[at])} (${number(one.low[at])} to ${number(one.high[at])})`
      : number(one.values[at]);
    const line = {
      label: one.name, stroke: colourOf(index), width: 1.8, points: { size: 5 },
      value: (_, value, __, at) => at == null ? "–" : words(at),
    };
    if (!one.low) return [{ values: one.values, line }];
    const edge = { class: "edge", width: 0, points: { show: false } };
    return [
      { values: one.values, line }, { values: one.high, line: edge, band: colourOf(index) }, { values: one.low, line: edge },
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
      axes: [{ ...axis, values: times }, { ...axis, size: 64, values: (_, ticks) => ticks.map(number) }],
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
