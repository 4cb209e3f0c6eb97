"""tritonclient's asyncio client. Arguments: the server's address, a file of rows and answers."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import tritonclient.grpc.aio as triton
from tritonclient.utils import InferenceServerException

ADDRESS, FIGURES = sys.argv[1:]
FOUND = np.load(FIGURES)
ROWS, ANSWERS = FOUND["rows"], FOUND["answers"]


def tensor(values: np.ndarray, name: str = "input") -> triton.InferInput:
    found = triton.InferInput(name, values.shape, "FP64")
    found.set_data_from_numpy(values)
    return found


async def status(client: triton.InferenceServerClient) -> None:
    assert await client.is_server_live()
    assert await client.is_server_ready()
    assert await client.is_model_ready("toy", "1")
    assert (await client.get_server_metadata()).name == "hotshelf"
    assert (await client.get_model_metadata("toy")).versions == ["1"]
    assert (await client.get_model_config("toy")).config.name == "toy"
    assert {one.name for one in (await client.get_model_repository_index()).models} >= {"toy", "gated"}


async def inference(client: triton.InferenceServerClient) -> None:
    before = await client.get_inference_statistics("toy")
    calls = [client.infer("toy", [tensor(ROWS[place:])], compression_algorithm="gzip") for place in range(20)]
    for place, answer in enumerate(await asyncio.gather(*calls)):
        np.testing.assert_array_equal(answer.as_numpy("prediction"), ANSWERS[place:])
    after = await client.get_inference_statistics("toy")
    counts = [one.model_stats[0].inference_stats.success.count for one in (before, after)]
    assert counts[1] - counts[0] == 20
    told = ""
    try:
        await client.infer("toy", [tensor(ROWS)], sequence_id="s")
    except InferenceServerException as error:
        told = str(error)
    assert "this server has no sequences" in told


async def streams(client: triton.InferenceServerClient) -> None:
    async def requests() -> AsyncIterator[dict[str, Any]]:
        yield {"model_name": "toy", "inputs": [tensor(ROWS)], "request_id": "1"}
        yield {"model_name": "nobody", "inputs": [tensor(ROWS)], "request_id": "2"}
        yield {"model_name": "gated", "inputs": [tensor(np.ones(1), "x")], "parameters": {"do": "iterate"}}

    heard = [one async for one in client.stream_infer(requests())]
    np.testing.assert_array_equal(heard[0][0].as_numpy("prediction"), ANSWERS)
    assert "[NOT_FOUND]" in str(heard[1][1])
    assert [answer.as_numpy("y").tolist() for answer, _ in heard[2:]] == [[3.0], [3.0]]


async def operating(client: triton.InferenceServerClient) -> None:
    await client.load_model("spare", config=json.dumps({"max_batch_size": 4, "dynamic_batching": {}}))
    assert (await client.get_model_config("spare")).config.max_batch_size == 4
    await client.unload_model("spare")
    await client.load_model("spare")
    assert (await client.get_model_config("spare")).config.max_batch_size == 0
    await client.update_trace_settings("toy", {"trace_rate": "5"})
    assert (await client.get_trace_settings("toy")).settings["trace_rate"].value == ["5"]
    await client.update_trace_settings("toy", {"trace_rate": None})
    await client.update_log_settings({"log_warning": True})
    assert (await client.get_log_settings()).settings["log_warning"].bool_param


async def main() -> None:
    async with triton.InferenceServerClient(ADDRESS) as client:
        for step in (status, inference, streams, operating):
            await step(client)
    print("well")


asyncio.run(main())
