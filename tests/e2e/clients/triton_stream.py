"""tritonclient's callback API of streams. Arguments: the server's address, a file of rows and answers."""

import queue
import sys
from typing import Any

import numpy as np
import tritonclient.grpc as triton

ADDRESS, FIGURES = sys.argv[1:]
FOUND = np.load(FIGURES)
ROWS, ANSWERS = FOUND["rows"], FOUND["answers"]
HEARD: queue.Queue[tuple[Any, Any]] = queue.Queue()


def tensor(values: np.ndarray, name: str = "input") -> triton.InferInput:
    found = triton.InferInput(name, values.shape, "FP64")
    found.set_data_from_numpy(values)
    return found


def hear() -> tuple[Any, Any]:
    return HEARD.get(timeout=30)


def is_final(answer: Any) -> bool:
    return bool(answer.get_response().parameters["triton_final_response"].bool_param)


def plain(client: triton.InferenceServerClient) -> None:
    for place in range(10):
        client.async_stream_infer("toy", [tensor(ROWS[place:])], request_id=str(place))
    for place in range(10):
        answer, error = hear()
        assert error is None
        assert (answer.get_response().id, is_final(answer)) == (str(place), True)
        np.testing.assert_array_equal(answer.as_numpy("prediction"), ANSWERS[place:])


def errors(client: triton.InferenceServerClient) -> None:
    client.async_stream_infer("nobody", [tensor(ROWS)])
    client.async_stream_infer("toy", [tensor(ROWS)], sequence_id=3, sequence_start=True)
    client.async_stream_infer("toy", [tensor(ROWS)], priority=1, timeout=5_000_000)
    told = [hear() for _ in range(3)]
    assert "[NOT_FOUND]" in str(told[0][1])
    assert "this server has no sequences" in str(told[1][1])
    np.testing.assert_array_equal(told[2][0].as_numpy("prediction"), ANSWERS)


def decoupled(client: triton.InferenceServerClient) -> None:
    asked = {"parameters": {"do": "iterate"}, "enable_empty_final_response": True}
    client.async_stream_infer("gated", [tensor(np.ones(1), "x")], request_id="d", **asked)
    answers = [hear()[0] for _ in range(3)]
    assert [is_final(one) for one in answers] == [False, False, True]
    assert [one.as_numpy("y").tolist() for one in answers[:2]] == [[3.0], [3.0]]
    assert not answers[2].get_response().outputs
    assert {one.get_response().id for one in answers} == {"d"}


with triton.InferenceServerClient(ADDRESS) as stock:
    stock.start_stream(lambda result, error: HEARD.put((result, error)), compression_algorithm="gzip")
    for step in (plain, errors, decoupled):
        step(stock)
    stock.stop_stream()
    # Whoever goes in the middle of endless responses leaves the model to others.
    stock.start_stream(lambda result, error: HEARD.put((result, error)))
    stock.async_stream_infer("gated", [tensor(np.ones(1), "x")], parameters={"do": "endless"})
    assert hear()[0].as_numpy("y").tolist() == [3.0]
    stock.stop_stream(cancel_requests=True)
    assert stock.infer("gated", [tensor(np.ones(1), "x")], client_timeout=30).as_numpy("y").tolist() == [3.0]
print("well")
