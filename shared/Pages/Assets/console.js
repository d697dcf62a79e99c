// The live parts of the console's pages. Reading works without this script. It calls only the management and scoring API of this app.
"use strict";
(() => {
  const byId = id => document.getElementById(id);
  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  // ---- the API

  const headersOf = more => {
    const token = document.querySelector('meta[name="modeldrop-csrf"]')?.content;
    return { ...(token ? { "X-Modeldrop-Csrf": token } : {}), ...more };
  };

  /** The text of an error answer. Problems of the management API have a detail, those of the scoring API an error. */
  const reasonOf = (status, text) => {
    try {
      const problem = JSON.parse(text);
      return problem.detail || problem.error || problem.message || problem.title || `The app answered ${status}.`;
    } catch {
      return status === 401 || status === 403 ? "You may not do this." : `The app answered ${status}.`;
    }
  };

  const call = async (method, address, body) => {
    const answer = await fetch(address, {
      method, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin",
      headers: headersOf(body === undefined ? {} : { "Content-Type": "application/json" }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(reasonOf(answer.status, text));
    return text ? JSON.parse(text) : {};
  };

  // ---- actions: forms whose data name a route; their fields become the body's members

  const readers = {
    text: field => field.value.trim() || undefined,
    number: field => field.value.trim() === "" ? undefined : Number(field.value),
    numbers: field => field.value.trim() === "" ? undefined : field.value.split(/[\s,;]+/).filter(Boolean).map(Number),
    flag: field => field.checked,
  };

  const bodyOf = form => {
    const body = {};
    for (const field of form.querySelectorAll("[name]")) {
      const value = readers[field.dataset.kind || "text"](field);
      if (value !== undefined) body[field.name] = value;
    }
    return body;
  };

  const act = async form => {
    const alert = form.querySelector("[role=alert]");
    const button = form.querySelector("button.primary, button.danger, button");
    if (alert) alert.textContent = "";
    if (button) button.disabled = true;
    try {
      const answer = await call(form.dataset.method || "POST", form.dataset.url, bodyOf(form));
      if (form.dataset.result) results[form.dataset.result](byId(form.dataset.target), answer);
      else if (form.dataset.then) location.assign(form.dataset.then.replace("{operation}", encodeURIComponent(answer.operation || "")));
      else location.reload();
    } catch (failure) {
      if (alert) alert.textContent = failure.message;
    } finally {
      if (button) button.disabled = false;
    }
  };

  // ---- results shown in place

  const show = (target, kind, ...content) => {
    const note = make("div", undefined, `note ${kind}`);
    note.append(...content);
    target.replaceChildren(note);
    target.setAttribute("tabindex", "-1");
    target.focus();
  };

  const valueText = value => typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);

  const results = {
    replay: (target, answer) => {
      const differences = answer.outputs.filter(output => output.different > 0).map(output => make("li",
        `${output.name}: ${output.different} of ${output.elements} values differ`
          + (output.maxUlp === null || output.maxUlp === undefined ? "" : `, by at most ${output.maxUlp} units in the last place`)));
      const list = make("ul");
      list.append(...differences);
      const summary = answer.sameBits
        ? `Version ${answer.version} gives the same bits again.`
        : `Version ${answer.version} gives a different answer${answer.sameEnvironment ? " in the same environment" : " in this environment"}.`;
      show(target, answer.sameBits ? "good" : "warn", make("p", summary), list,
        make("p", answer.sameEnvironment ? "The environment is the same as for the logged answer." : "The environment differs from that of the logged answer."));
    },
  };

  // ---- try it

  const fieldValue = (field, datatype) => {
    const text = field.value.trim();
    if (datatype === "BYTES") return field.value;
    if (datatype === "BOOL") return /^(true|1)$/i.test(text);
    const number = Number(text);
    if (text === "" || Number.isNaN(number)) throw new Error(`'${text}' of ${field.getAttribute("aria-label") || field.name} is not a number.`);
    return number;
  };

  const inputOf = set => {
    const { name, datatype, shape } = set.dataset;
    const whole = set.querySelector("textarea");
    if (whole) {
      let data;
      try { data = JSON.parse(whole.value); } catch { throw new Error(`${name} is not a JSON list.`); }
      return { name, datatype, shape: JSON.parse(shape), data: [data].flat(Infinity) };
    }
    return { name, datatype, shape: JSON.parse(shape), data: [...set.querySelectorAll("input")].map(field => fieldValue(field, datatype)) };
  };

  const tryIt = async form => {
    const target = byId("try-result");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const started = performance.now();
      const answer = await call("POST", form.dataset.url, { inputs: [...form.querySelectorAll("fieldset")].map(inputOf) });
      const time = performance.now() - started;
      const table = make("table");
      const head = table.createTHead().insertRow();
      for (const title of ["Output", "Shape", "Value"]) head.append(make("th", title));
      const body = table.createTBody();
      for (const output of answer.outputs) {
        const row = body.insertRow();
        const values = output.data.slice(0, 100).map(valueText).join(", ");
        row.append(make("td", output.name), make("td", `[${output.shape.join(", ")}]`), make("td", values, "wrap"));
      }
      const record = make("p", `Version ${answer.model_version} answered in ${time.toFixed(0)} ms. `);
      const id = answer.parameters?.prediction_id;
      if (id) {
        const link = make("a", "Open the record of this prediction");
        link.href = `/console/predictions/${encodeURIComponent(id)}`;
        record.append(link);
      }
      show(target, "good", record, table);
    } catch (failure) {
      show(target, "bad", make("p", failure.message));
    } finally {
      button.disabled = false;
    }
  };

  // ---- parts that update themselves

  const sources = new WeakMap();

  const follow = live => {
    setTimeout(async () => {
      let next = live;
      try {
        if (!document.hidden && !document.querySelector("dialog[open]")) {
          const answer = await fetch(location.href, { credentials: "same-origin", headers: headersOf() });
          if (answer.ok) next = replace(live, await answer.text());
        }
      } catch {
        // The app is unreachable for a moment; the next request finds it again.
      }
      if (next.dataset.live) follow(next);
    }, Number(live.dataset.live));
  };

  const replace = (live, text) => {
    const next = new DOMParser().parseFromString(text, "text/html").getElementById(live.id);
    if (!next || next.outerHTML === sources.get(live)) return live;
    sources.set(next, next.outerHTML);
    const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
    live.replaceWith(next);
    if (focused) byId(focused)?.focus();
    const status = byId("live-status");
    if (status && next.dataset.status && status.textContent !== next.dataset.status) status.textContent = next.dataset.status;
    return next;
  };

  // ---- wiring

  document.documentElement.classList.add("js");

  document.addEventListener("click", event => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) byId(opener.dataset.dialog)?.showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    const copier = event.target.closest("[data-copy]");
    if (copier) navigator.clipboard?.writeText(byId(copier.dataset.copy).textContent).then(() => { copier.textContent = "Copied"; });
  });

  document.addEventListener("submit", event => {
    const form = event.target;
    if (form.dataset.url) {
      event.preventDefault();
      if (form.id === "try") tryIt(form);
      else act(form);
    }
  });

  document.querySelectorAll("[data-live]").forEach(live => {
    sources.set(live, live.outerHTML);
    follow(live);
  });

  // For the scripts of single pages, which run after this one.
  window.modeldrop = { byId, make, headersOf, reasonOf };
})();
