"""The same message again and again, as most clients send it: answered and counted like the first, whatever way it
takes."""

import numpy as np

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from tests.integration.conftest import Running
from tests.integration.protocol.speaking import arrays, ask, metric, rows, statistics

CALLS = 300


def test_each_call_has_its_own_answer_and_id(stub: GRPCInferenceServiceStub) -> None:
    inputs = np.random.default_rng(0).normal(size=(CALLS, 1, 3))
    together = arrays(stub.ModelInfer(ask("toy", rows(inputs[:, 0]))))["prediction"]
    for number, row in enumerate(inputs):
        response = stub.ModelInfer(ask("toy", rows(row), identifier=f"call {number}"), timeout=10)
        assert (response.model_name, response.model_version, response.id) == ("toy", "1", f"call {number}")
        assert arrays(response)["prediction"].tolist() == [together[number]]


def test_each_call_is_counted(house: Running, stub: GRPCInferenceServiceStub) -> None:
    before = statistics(stub, "toy")
    counted = metric(house, "hotshelf_calls_total", method="ModelInfer", model="toy", code="OK")
    request = ask("toy", rows(np.ones((2, 3))))
    for _ in range(CALLS):
        stub.ModelInfer(request)
    after = statistics(stub, "toy")
    assert after.inference_count - before.inference_count == 2 * CALLS
    assert after.execution_count - before.execution_count == CALLS
    assert after.inference_stats.success.count - before.inference_stats.success.count == CALLS
    assert after.inference_stats.compute_infer.ns > before.inference_stats.compute_infer.ns
    assert metric(house, "hotshelf_calls_total", method="ModelInfer", model="toy", code="OK") - counted == CALLS
