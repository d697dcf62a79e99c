"""Sends what MLflow's Python client sends, with the standard library alone.

The sequences are those of mlflow 3.6: set_experiment, start_run, mlflow.onnx.log_model(registered_model_name=...),
register_model, MlflowClient and load_model. usage: mlflow_client.py <tracking URI> <folder of a sample version> <dropped model>
"""
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

LATE = "late flights"
BASE, SAMPLE, DROPPED = sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3]
MLMODEL = """artifact_path: mlflow-artifacts:/0/models/m/artifacts
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: 1.16.0
    providers:
    - CUDAExecutionProvider
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    loader_module: mlflow.onnx
mlflow_version: 3.6.0
run_id: {run}
"""


def send(method, path, data=None, content_type="application/json"):
    request = urllib.request.Request(BASE + path, data=data, method=method)
    request.add_header("User-Agent", "mlflow-python-client/3.6.0")
    if data is not None:
        request.add_header("Content-Type", content_type)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def call(verb, route, api="2.0", **fields):
    """A call as rest_utils makes it: GET in the query, all others in a JSON body; 200 and an object, or an error with a code."""
    url = f"/api/{api}/mlflow/{route}"
    if verb == "GET":
        status, body = send("GET", f"{url}?{urllib.parse.urlencode(fields, doseq=True)}" if fields else url)
    else:
        status, body = send(verb, url, json.dumps(fields).encode())
    answer = json.loads(body)
    assert isinstance(answer, dict), (route, body)
    if status != 200:
        assert {"error_code", "message"} <= answer.keys(), (route, status, body)
        raise Refused(status, answer["error_code"], answer["message"])
    return answer


class Refused(Exception):
    """RestException."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


def refused(code, *arguments, **fields):
    try:
        answer = call(*arguments, **fields)
    except Refused as error:
        assert error.code == code, (arguments, error)
        return error.message
    raise AssertionError((arguments, answer))


def artifacts(uri):
    assert uri.startswith("mlflow-artifacts:/"), uri
    return uri[len("mlflow-artifacts:/"):]


def put(uri, name, content, content_type="text/plain"):
    path = urllib.parse.quote(f"{artifacts(uri)}/{name}")
    status, body = send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{path}", content, content_type)
    assert status == 200 and json.loads(body) == {}, (name, status, body)


def listed(folder):
    status, body = send("GET", "/api/2.0/mlflow-artifacts/artifacts?" + urllib.parse.urlencode({"path": folder}))
    assert status == 200, body
    return json.loads(body).get("files", [])


def download(folder):
    """As download_artifacts: lists folder by folder, then gets each file."""
    files = {}
    for file in listed(folder):
        if file["is_dir"]:
            files |= {f"{file['path']}/{name}": content for name, content in download(f"{folder}/{file['path']}").items()}
        else:
            status, body = send("GET", f"/api/2.0/mlflow-artifacts/artifacts/{urllib.parse.quote(folder + '/' + file['path'])}")
            assert status == 200 and len(body) == file["file_size"], (file, status, len(body))
            files[file["path"]] = body
    return files


def read(name):
    with open(f"{SAMPLE}/{name}", "rb") as file:
        return file.read()


def start_run(experiment):
    run = call("POST", "runs/create", experiment_id=experiment, user_id="ann", run_name="", start_time=int(time.time() * 1000),
               tags=[{"key": "mlflow.user", "value": "ann"}])["run"]
    assert run["info"]["run_id"] == run["info"]["run_uuid"] and run["info"]["lifecycle_stage"] == "active", run
    return run["info"]["run_id"]


def log_model(experiment, run, files):
    """Steps 4 to 6: the logged model, the run's metrics of its step once more with its id, and the files."""
    call("GET", "runs/get", run_id=run)
    model = call("POST", "logged-models", experiment_id=experiment, name="m", source_run_id=run, params=[], tags=[])["model"]
    model_id, uri = model["info"]["model_id"], model["info"]["artifact_uri"]
    assert model["info"]["status"] == "LOGGED_MODEL_PENDING", model
    call("POST", "runs/outputs", run_id=run, models=[{"model_id": model_id, "step": 1}])
    for metric in call("GET", "runs/get", run_id=run)["run"]["data"]["metrics"]:
        history = call("GET", "metrics/get-history", run_id=run, metric_key=metric["key"])["metrics"]
        call("POST", "runs/log-batch", run_id=run, params=[], tags=[], metrics=[
            {key: point[key] for key in ("key", "value", "timestamp", "step")} | {"model_id": model_id}
            for point in history if point["step"] == 1 and point.get("model_id") is None])
    metrics = call("GET", f"logged-models/{model_id}")["model"]["data"]["metrics"]
    assert [(metric["key"], metric["value"]) for metric in metrics] == [("auc", 0.8)], metrics
    assert call("GET", f"logged-models/{model_id}")["model"]["info"]["artifact_uri"] == uri
    put(uri, "MLmodel", MLMODEL.format(run=run).encode())
    for name, content in files.items():
        put(uri, name, content, "application/octet-stream")
    return model_id, uri


def register(name, model_id):
    """Step 7: create, whose error is passed over if the model exists, then create the version and wait."""
    try:
        call("POST", "registered-models/create", name=name)
    except Refused as error:
        assert error.code == "RESOURCE_ALREADY_EXISTS", error
    version = call("POST", "model-versions/create", name=name, source=f"models:/{model_id}", model_id=model_id)["model_version"]
    assert version["version"].isdigit() and version["source"] == f"models:/{model_id}", version
    until = time.time() + 300
    while version["status"] == "PENDING_REGISTRATION" and time.time() < until:
        time.sleep(0.5)
        version = call("GET", "model-versions/get", name=name, version=version["version"])["model_version"]
    model = call("GET", f"logged-models/{model_id}")["model"]
    assert {"name": name, "version": version["version"]} in model["info"]["registrations"], model
    call("PATCH", f"logged-models/{model_id}/tags", tags=[{"key": "mlflow.modelVersions", "value": "[]"}])
    return version


def log_and_register():
    refused("RESOURCE_DOES_NOT_EXIST", "GET", "experiments/get-by-name", experiment_name=LATE)
    experiment = call("POST", "experiments/create", name=LATE)["experiment_id"]
    assert call("GET", "experiments/get", experiment_id=experiment)["experiment"]["name"] == LATE
    run = start_run(experiment)
    call("POST", "runs/log-parameter", run_id=run, run_uuid=run, key="depth", value="3")
    for step, value in enumerate([0.7, 0.8]):
        call("POST", "runs/log-metric", run_id=run, run_uuid=run, key="auc", value=value, timestamp=1000 + step, step=step)
    call("POST", "runs/set-tag", run_id=run, run_uuid=run, key="team", value="ops")
    model_id, _ = log_model(experiment, run, {"model.onnx": read("model.onnx"), "requirements.txt": b"onnx", "code/a.py": b"x"})
    version = register("flights-mlf", model_id)
    assert (version["status"], version["version"], version["run_id"]) == ("READY", "1", run), version
    assert call("PATCH", f"logged-models/{model_id}", model_id=model_id, status="LOGGED_MODEL_READY")["model"]["info"]["status"] \
        == "LOGGED_MODEL_READY"
    call("POST", "runs/update", run_id=run, run_uuid=run, status="FINISHED", end_time=2000)
    data = call("GET", "runs/get", run_id=run)["run"]
    assert data["info"]["status"] == "FINISHED" and data["outputs"]["model_outputs"] == [{"model_id": model_id, "step": 1}], data
    assert [point["value"] for point in call("GET", "metrics/get-history", run_id=run, metric_key="auc")["metrics"]] == [0.7, 0.8, 0.8]
    again = call("POST", "model-versions/create", name="flights-mlf", source=f"models:/{model_id}", model_id=model_id)
    assert again["model_version"]["version"] == "1", again
    return experiment, run


def fail_validation(experiment, run):
    examples = json.loads(read("examples.json"))
    for output in examples[0]["response"]["outputs"]:
        output["data"] = [12345 for _ in output["data"]] if isinstance(output["data"][0], (int, float)) else ["wrong" for _ in output["data"]]
    model_id, _ = log_model(experiment, run, {"model.onnx": read("model.onnx"), "examples.json": json.dumps(examples).encode()})
    version = register("flights-mlf", model_id)
    assert (version["status"], version["version"]) == ("FAILED_REGISTRATION", "2") and len(version["status_message"]) > 20, version
    refused("INVALID_PARAMETER_VALUE", "POST", "registered-models/alias", name="flights-mlf", alias="champion", version="2")
    broken, _ = log_model(experiment, run, {"model.onnx": b"no model"})
    assert "ONNX" in refused("INVALID_PARAMETER_VALUE", "POST", "model-versions/create", name="flights-mlf",
                             source=f"models:/{broken}", model_id=broken)
    call("DELETE", "model-versions/delete", name="flights-mlf", version="2")
    refused("RESOURCE_DOES_NOT_EXIST", "GET", "model-versions/get", name="flights-mlf", version="2")


def use_registry(run):
    found = call("GET", "registered-models/search", max_results=1, filter="name LIKE 'flights%'", order_by=["name ASC"])
    assert [model["name"] for model in found["registered_models"]] == ["flights-mlf"] and "next_page_token" not in found, found
    assert len(call("GET", "registered-models/search", max_results=1)["next_page_token"]) > 0
    versions = call("GET", "model-versions/search", filter=f"name='flights-mlf' AND run_id IN ('{run}')", max_results=10000)
    assert [version["version"] for version in versions["model_versions"]] == ["1"], versions
    assert call("PATCH", "registered-models/update", name="flights-mlf", description="late")["registered_model"]["description"] == "late"
    assert call("PATCH", "model-versions/update", name="flights-mlf", version="1", description="v")["model_version"]["description"] == "v"
    copy = call("POST", "model-versions/create", name="flights-mlf", source="models:/flights-mlf/1", run_id=run)["model_version"]
    assert copy["version"] == "1", copy
    for path, extra in (("registered-models", {}), ("model-versions", {"version": "1"})):
        assert call("POST", f"{path}/set-tag", name="flights-mlf", key="team", value="ops", **extra) == {}
        (answer,) = call("GET", f"{path}/get", name="flights-mlf", **extra).values()
        assert answer["tags"] == [{"key": "team", "value": "ops"}], answer
        assert call("DELETE", f"{path}/delete-tag", name="flights-mlf", key="team", **extra) == {}
        assert call("DELETE", f"{path}/delete-tag", name="flights-mlf", key="team", **extra) == {}
    assert call("POST", "registered-models/alias", name="flights-mlf", alias="canary", version="1") == {}
    by_alias = call("GET", "registered-models/alias", name="flights-mlf", alias="canary")["model_version"]
    assert by_alias["version"] == "1" and "canary" in by_alias["aliases"] and by_alias["current_stage"] == "None", by_alias
    assert call("DELETE", "registered-models/alias", name="flights-mlf", alias="canary") == {}
    assert call("DELETE", "registered-models/alias", name="flights-mlf", alias="canary") == {}
    refused("INVALID_PARAMETER_VALUE", "GET", "registered-models/alias", name="flights-mlf", alias="canary")
    refused("INVALID_PARAMETER_VALUE", "POST", "registered-models/alias", name="flights-mlf", alias="latest", version="1")
    assert call("POST", "registered-models/alias", name="flights-mlf", alias="champion", version="1") == {}
    latest = call("POST", "registered-models/get-latest-versions", name="flights-mlf")["model_versions"]
    assert [version["version"] for version in latest] == ["1"], latest
    refused("INVALID_PARAMETER_VALUE", "GET", "model-versions/get", name="flights-mlf", version="x")
    refused("RESOURCE_DOES_NOT_EXIST", "GET", "model-versions/get", name="flights-mlf", version="9")
    refused("RESOURCE_DOES_NOT_EXIST", "GET", "registered-models/get", name="nobody")
    refused("INVALID_PARAMETER_VALUE", "GET", "registered-models/get")
    refused("INVALID_PARAMETER_VALUE", "GET", "registered-models/search", filter="size > 3")
    refused("RESOURCE_ALREADY_EXISTS", "POST", "registered-models/create", name="flights-mlf")
    refused("INVALID_PARAMETER_VALUE", "POST", "model-versions/transition-stage", name="flights-mlf", version="1", stage="Production")
    refused("NOT_IMPLEMENTED", "POST", "registered-models/rename", name="flights-mlf", new_name="other")
    refused("ENDPOINT_NOT_FOUND", "GET", "traces")
    for source in ("/etc/passwd", "file:///etc/passwd", "s3://bucket/model", "http://127.0.0.1:1/api/2.0/mlflow-artifacts/artifacts/0"):
        refused("INVALID_PARAMETER_VALUE", "POST", "model-versions/create", name="flights-mlf", source=source)


def load_models():
    """load_model("models:/flights-mlf@champion"), and of a model that came by drop."""
    for name, model in (("flights-mlf", read("model.onnx")), (DROPPED, None)):
        champion = call("GET", "registered-models/alias", name=name, alias="champion")["model_version"]
        uri = call("GET", "model-versions/get-download-uri", name=name, version=champion["version"])["artifact_uri"]
        files = download(artifacts(uri))
        assert b"loader_module: mlflow.onnx" in files["MLmodel"] and len(files["model.onnx"]) > 100, files.keys()
        assert model is None or files["model.onnx"] == model
    status, body = send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{artifacts(uri)}/MLmodel", b"other", "text/plain")
    assert (status, json.loads(body)["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), body


def use_artifacts(run):
    uri = call("GET", "runs/get", run_id=run)["run"]["info"]["artifact_uri"]
    put(uri, "sub dir/a b.txt", b"hi")
    assert listed(f"{artifacts(uri)}/sub dir") == [{"path": "a b.txt", "is_dir": False, "file_size": 2}]
    assert call("GET", "artifacts/list", run_id=run, path="sub dir")["files"][0]["path"] == "sub dir/a b.txt"
    assert listed(f"{artifacts(uri)}/sub dir/a b.txt") == []
    status, body = send("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{artifacts(uri)}", b'{"path": "x", "num_parts": 2}')
    assert status == 501 and json.loads(body)["message"].startswith(
        "Multipart upload is not supported for the current artifact repository"), body
    assert call("GET", "server-info", api="3.0")["multipart_uploads_enabled"] is False
    for path in ("..%2f..%2fmodels/x", f"{artifacts(uri)}/%2e%2e/x", "0/other/x"):
        status, body = send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{path}", b"x")
        assert 400 <= status < 500, (path, status, body)
    status, _ = send("DELETE", f"/api/2.0/mlflow-artifacts/artifacts/{urllib.parse.quote(artifacts(uri) + '/sub dir')}")
    assert status == 200 and listed(artifacts(uri)) == []


def search_tracking(experiment, run):
    runs = call("POST", "runs/search", experiment_ids=[experiment], filter="metrics.auc > 0.75 and params.depth = '3'",
                run_view_type="ACTIVE_ONLY", max_results=1000, order_by=[])["runs"]
    assert [one["info"]["run_id"] for one in runs] == [run], runs
    found = call("POST", "logged-models/search", experiment_ids=[experiment], filter="name = 'm'", max_results=100,
                 order_by=[{"field_name": "creation_timestamp", "ascending": False}])["models"]
    assert len(found) == 3, found
    names = [one["name"] for one in call("POST", "experiments/search", max_results=1000, view_type="ACTIVE_ONLY")["experiments"]]
    assert names == [LATE, "Default"], names
    tag = {"experiment_id": experiment, "key": "team"}
    assert call("POST", "experiments/set-experiment-tag", value="ops", **tag) == {}
    assert call("POST", "experiments/delete-experiment-tag", **tag) == {}
    assert call("GET", "experiments/get", experiment_id=experiment)["experiment"].get("tags", []) == []
    refused("INVALID_PARAMETER_VALUE", "POST", "runs/log-parameter", run_id=run, key="depth", value="4")


def main():
    experiment, run = log_and_register()
    fail_validation(experiment, run)
    use_registry(run)
    load_models()
    use_artifacts(run)
    search_tracking(experiment, run)
    assert call("DELETE", "registered-models/delete", name="flights-mlf") == {}
    refused("RESOURCE_DOES_NOT_EXIST", "GET", "registered-models/get", name="flights-mlf")
    print(run)


main()
