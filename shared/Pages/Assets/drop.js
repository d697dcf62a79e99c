// The page for dropping a model: checks the chosen files, says what is missing, and sends them in the same form as scripts do.
"use strict";
(() => {
  const { byId, make, headersOf, reasonOf } = window.modeldrop;

  const roles = [
    [/\.onnx$/i, "the model"],
    [/^model\.json$/, "the manifest: label, bounds for metrics, promotion"],
    [/^reference\.(csv|parquet)$/, "reference data: what drift is measured against"],
    [/^validation\.(csv|parquet)$/, "held-out rows: metrics at validation"],
    [/^examples\.json$/, "golden examples: inputs with their expected outputs"],
    [/^card\.md$/, "the model card"],
  ];

  const companions = [
    [/^reference\.(csv|parquet)$/, "No reference.csv: drift is measured against the first logged traffic, and no data set is recorded."],
    [/^validation\.(csv|parquet)$/, "No validation.csv: no metrics, and no comparison with the champion."],
    [/^model\.json$/, "No model.json: the defaults apply; without a label, no metrics can be computed."],
    [/^card\.md$/, "No card.md: the model's page has no description of its use and limits."],
  ];

  const findings = async files => {
    const models = files.filter(file => /\.onnx$/i.test(file.name));
    const found = files.map(file => ["ok", `${file.name} (${sizeOf(file.size)}): ${roles.find(([form]) => form.test(file.name))?.[1]
      || "kept with the model, such as external weights"}`]);
    if (models.length !== 1) found.push(["bad", models.length ? `${models.length} files end in .onnx; choose one of them.`
      : "No file ends in .onnx: there is no model to register."]);
    const names = files.map(file => file.name.toLowerCase());
    names.filter((name, at) => names.indexOf(name) !== at).forEach(name => found.push(["bad", `Two files are named ${name}.`]));
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (bytes > 100 * 1024 * 1024) found.push(["bad", `${sizeOf(bytes)} is more than a request may have (100 MiB); `
      + "put the folder into the drop container with a storage tool."]);
    for (const [form, why] of companions) if (!files.some(file => form.test(file.name))) found.push(["warn", why]);
    const manifest = files.find(file => file.name === "model.json");
    if (manifest) {
      try {
        const read = JSON.parse(await manifest.text());
        if (!read.label && files.some(file => /^validation\./.test(file.name))) {
          found.push(["warn", "model.json names no label, so no metrics can be computed from validation.csv."]);
        }
      } catch {
        found.push(["bad", "model.json is not valid JSON."]);
      }
    }
    return found;
  };

  const sizeOf = bytes => bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;

  const filesOfEntry = entry => new Promise(done => {
    if (entry.isFile) entry.file(file => done([file]), () => done([]));
    else if (entry.isDirectory) entry.createReader().readEntries(
      async entries => done((await Promise.all(entries.filter(one => one.isFile).map(filesOfEntry))).flat()), () => done([]));
    else done([]);
  });

  const dropForm = form => {
    const zone = byId("drop-zone");
    const list = byId("drop-findings");
    const send = byId("drop-send");
    const name = form.querySelector("[name=model]");
    let files = [];

    const look = async () => {
      const found = await findings(files);
      list.replaceChildren(...found.map(([kind, text]) => {
        const item = make("li", undefined, kind);
        if (kind !== "ok") item.append(make("strong", kind === "bad" ? "Missing or wrong. " : "Note. "));
        item.append(text);
        return item;
      }));
      const named = name.value !== "" && name.checkValidity();
      send.disabled = !named || found.some(([kind]) => kind === "bad");
      byId("drop-why").textContent = !send.disabled ? "Ready to send." : named ? "Correct the marked problems first." : "Give the model a name.";
    };

    const take = (chosen, folder) => {
      files = [...files.filter(old => !chosen.some(one => one.name === old.name)), ...chosen.filter(one => !one.name.startsWith("."))];
      if (!name.value && folder) name.value = folder.replace(/[^A-Za-z0-9._-]/g, "-");
      look();
    };

    byId("drop-files").addEventListener("change", event => take([...event.target.files]));
    byId("drop-folder").addEventListener("change", event => {
      const chosen = [...event.target.files].filter(file => file.webkitRelativePath.split("/").length <= 2);
      take(chosen, chosen[0]?.webkitRelativePath.split("/")[0]);
    });
    byId("drop-clear").addEventListener("click", () => { files = []; form.querySelectorAll("[type=file]").forEach(one => { one.value = ""; }); look(); });
    name.addEventListener("input", look);
    for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, event => { event.preventDefault(); zone.classList.add("over"); });
    for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, event => { event.preventDefault(); zone.classList.remove("over"); });
    zone.addEventListener("drop", async event => {
      const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
      const chosen = (await Promise.all(entries.map(filesOfEntry))).flat();
      take(chosen, entries.find(entry => entry.isDirectory)?.name);
    });
    form.addEventListener("submit", event => { event.preventDefault(); upload(name.value, files, send); });
    look();
  };

  const upload = (model, files, send) => {
    const alert = byId("drop-alert");
    const progress = byId("drop-progress");
    const body = new FormData();
    files.forEach(file => body.append("files", file, file.name));
    const request = new XMLHttpRequest();
    request.open("POST", `/api/models/${encodeURIComponent(model)}/versions`);
    for (const [key, value] of Object.entries(headersOf())) request.setRequestHeader(key, value);
    request.upload.onprogress = event => { if (event.lengthComputable) progress.value = event.loaded / event.total; };
    const fail = text => { alert.textContent = text; progress.hidden = true; send.disabled = false; };
    request.onerror = () => fail("The app could not be reached.");
    request.onload = () => {
      if (request.status !== 202) return fail(reasonOf(request.status, request.responseText));
      location.assign(`/console/operations/${encodeURIComponent(JSON.parse(request.responseText).operation)}`);
    };
    alert.textContent = "";
    progress.hidden = false;
    send.disabled = true;
    request.send(body);
  };

  dropForm(byId("drop"));
})();
