"""Every call of KServe's gRPC client. Arguments: the server's address, a file of rows and answers."""

import asyncio
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferInput, InferRequest

ADDRESS, FIGURES = sys.argv[1:]
FOUND = np.load(FIGURES)
ROWS, ANSWERS = FOUND["rows"], FOUND["answers"]


def request(values: np.ndarray, *, raw: bool) -> InferRequest:
    tensor = InferInput("input", list(values.shape), "FP64")
    tensor.set_data_from_numpy(values, binary_data=raw)
    return InferRequest("toy", [tensor], request_id="r")


async def main() -> None:
    client = InferenceGRPCClient(ADDRESS)
    assert await client.is_server_live()
    assert await client.is_server_ready()
    assert await client.is_model_ready("toy")
    for raw in (True, False):
        answer = await client.infer(request(ROWS, raw=raw))
        assert (answer.id, answer.model_name, answer.model_version) == ("r", "toy", "1")
        np.testing.assert_array_equal(answer.outputs[0].as_numpy(), ANSWERS)
    told = "a wrong shape was taken"
    try:
        await client.infer(request(ROWS[:, :2], raw=True))
    except Exception as error:  # noqa: BLE001 - what KServe's client makes of a status is its own affair
        told = str(error)
    assert "expected [-1, 3]" in told, told
    await client.close()
    print("well")


asyncio.run(main())
