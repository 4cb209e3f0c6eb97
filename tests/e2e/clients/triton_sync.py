"""Every call of tritonclient's blocking client that the server serves.

Arguments: the server's address, a file of rows and answers.
"""

import json
import queue
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

ADDRESS, FIGURES = sys.argv[1:]
FOUND = np.load(FIGURES)
ROWS, ANSWERS = FOUND["rows"], FOUND["answers"]


def tensor(values: np.ndarray, name: str = "input") -> triton.InferInput:
    found = triton.InferInput(name, values.shape, "FP64")
    found.set_data_from_numpy(values)
    return found


def status(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("toy")
    assert client.is_model_ready("toy", "champion")
    assert client.get_server_metadata().name == "hotshelf"
    assert "statistics" in client.get_server_metadata(as_json=True)["extensions"]
    metadata = client.get_model_metadata("toy", "1", as_json=True)
    assert metadata["inputs"] == [{"name": "input", "datatype": "FP64", "shape": ["-1", "3"]}]
    assert client.get_model_config("toy", as_json=True)["config"]["input"][0]["data_type"] == "TYPE_FP64"


def inference(client: triton.InferenceServerClient) -> None:
    before = client.get_inference_statistics("toy").model_stats[0].inference_stats.success.count
    for algorithm in (None, "gzip", "deflate"):
        answer = client.infer("toy", [tensor(ROWS)], request_id="r", compression_algorithm=algorithm)
        np.testing.assert_array_equal(answer.as_numpy("prediction"), ANSWERS)
        assert answer.get_response().id == "r"
    chosen = triton.InferRequestedOutput("prediction", class_count=2)
    top = client.infer("toy", [tensor(ROWS)], outputs=[chosen], priority=1, timeout=5_000_000, client_timeout=30)
    places = [int(text.split(b":")[1]) for text in top.as_numpy("prediction")]
    assert ANSWERS[places].tolist() == sorted(ANSWERS, reverse=True)[:2]
    answered = client.infer("gated", [tensor(np.array([2.0]), "x")], parameters={"do": "respond"}, headers={"a": "b"})
    assert answered.as_numpy("y").tolist() == [5.0]
    assert answered.get_response().parameters["count"].int64_param == 3
    after = client.get_inference_statistics("toy", as_json=True)["model_stats"][0]["inference_stats"]
    assert int(after["success"]["count"]) == before + 4


def refused(client: triton.InferenceServerClient) -> None:
    shared = triton.InferInput("input", ROWS.shape, "FP64")
    shared.set_shared_memory("region", ROWS.nbytes)
    for words, call in (
        ("this server has no sequences", lambda: client.infer("toy", [tensor(ROWS)], sequence_id=7)),
        ("is in shared memory", lambda: client.infer("toy", [shared])),
        ("INVALID_ARGUMENT", lambda: client.infer("toy", [tensor(ROWS, "x")])),
        ("NOT_FOUND", lambda: client.infer("nobody", [tensor(ROWS)])),
        ("UNIMPLEMENTED", client.get_system_shared_memory_status),
        ("files come from the store", lambda: client.load_model("toy", config="{}", files={"file:1/model": b"x"})),
    ):
        told = refusal(call)
        assert words in told, told


def refusal(call: Callable[[], object]) -> str:
    try:
        call()
    except InferenceServerException as error:
        return str(error)
    return "nothing was refused"


def asynchronous(client: triton.InferenceServerClient) -> None:
    told: queue.Queue[tuple[Any, Any]] = queue.Queue()

    def heard(result: object, error: object) -> None:
        told.put((result, error))

    for place in range(4):
        client.async_infer("toy", [tensor(ROWS[place:])], heard, request_id=str(place))
    for _ in range(4):
        answer, error = told.get(timeout=30)
        assert error is None
        place = int(answer.get_response().id)
        np.testing.assert_array_equal(answer.as_numpy("prediction"), ANSWERS[place:])


def repository(client: triton.InferenceServerClient) -> None:
    assert {one.name for one in client.get_model_repository_index().models} == {"toy", "spare", "gated"}
    client.unload_model("spare")
    assert "spare" not in {one["name"] for one in ready(client)}
    override = {"max_batch_size": 16, "dynamic_batching": {"max_queue_delay_microseconds": 1000}}
    client.load_model("spare", config=json.dumps(override))
    assert "spare" in {one["name"] for one in ready(client)}
    config = client.get_model_config("spare", as_json=True)["config"]
    assert config["max_batch_size"] == 16
    client.load_model("spare", config=json.dumps(config))
    assert client.get_model_config("spare", as_json=True)["config"] == config
    np.testing.assert_array_equal(client.infer("spare", [tensor(ROWS[:8])]).as_numpy("prediction"), ANSWERS[:8])


def ready(client: triton.InferenceServerClient) -> list[dict[str, str]]:
    models = client.get_model_repository_index(as_json=True)["models"]
    return [one for one in models if one["state"] == "READY" and client.is_model_ready(one["name"])]


def operating(client: triton.InferenceServerClient) -> None:
    changed = client.update_trace_settings(settings={"trace_level": ["TIMESTAMPS"], "trace_rate": "1"}, as_json=True)
    assert changed["settings"]["trace_rate"]["value"] == ["1"]
    client.infer("toy", [tensor(ROWS)], request_id="traced by a stock client")
    client.update_trace_settings(settings={"trace_level": None, "trace_rate": None})
    assert client.get_trace_settings(as_json=True)["settings"]["trace_level"]["value"] == ["OFF"]
    assert client.update_log_settings({"log_verbose_level": 1}, as_json=True)["settings"]["log_verbose_level"]
    client.update_log_settings({"log_verbose_level": 0, "log_info": True})
    assert client.get_log_settings(as_json=True)["settings"]["log_info"] == {"bool_param": True}


with triton.InferenceServerClient(ADDRESS) as stock:
    for step in (status, inference, refused, asynchronous, repository, operating):
        step(stock)
print("well")
