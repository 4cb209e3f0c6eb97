"""Calls are joined into batches, and nobody can tell by the answers."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from tests.fakes.bundles import ROWS, prediction
from tests.integration.protocol.speaking import arrays, ask, rows, statistics

EXPECTED = prediction(3)


def test_every_caller_of_a_batch_gets_the_answer_to_their_own_rows_to_the_bit(stub: GRPCInferenceServiceStub) -> None:
    def answered(seed: int) -> int:
        random = np.random.default_rng(seed)
        wrong = 0
        for _ in range(12):
            chosen = random.integers(0, len(ROWS), size=int(random.integers(1, 6)))
            answer = arrays(stub.ModelInfer(ask("batched", rows(ROWS[chosen]), identifier=str(seed))))
            wrong += not np.array_equal(answer["prediction"], EXPECTED[chosen])
        return wrong

    before = statistics(stub, "batched")
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(answered, range(8))) == 0
    after = statistics(stub, "batched")
    assert after.execution_count - before.execution_count < 96
    # One of 64 rows is that of a call which is larger than a batch.
    assert {batch.batch_size for batch in after.batch_stats} <= {*range(1, 33), 64}


def test_a_call_larger_than_a_batch_is_computed_alone(stub: GRPCInferenceServiceStub) -> None:
    answer = arrays(stub.ModelInfer(ask("batched", rows(ROWS))))
    np.testing.assert_array_equal(answer["prediction"], EXPECTED)


def test_a_call_without_rows_is_answered_where_calls_are_joined(stub: GRPCInferenceServiceStub) -> None:
    assert arrays(stub.ModelInfer(ask("batched", rows(np.empty((0, 3))))))["prediction"].shape == (0,)


def test_a_bad_call_in_a_batch_fails_alone(stub: GRPCInferenceServiceStub) -> None:
    """The model fails on one of the calls that it was given together; the others are computed once more."""

    def outcome(value: float) -> str | float:
        try:
            answer = stub.ModelInfer(ask("joined", {"x": ("FP64", np.array([value]))}))
        except grpc.RpcError as error:
            return error.code().name
        return float(arrays(answer)["y"][0])

    values = [1.0, float("nan"), 3.0, 4.0, float("nan"), 6.0]
    with ThreadPoolExecutor(len(values)) as pool:
        found = list(pool.map(outcome, values))
    assert found == ["INTERNAL" if np.isnan(value) else value * 2 + 1 for value in values]


def test_calls_with_other_parameters_are_not_joined(stub: GRPCInferenceServiceStub) -> None:
    def answered(place: int) -> bool:
        do = ("", "respond")[place % 2]
        return "note" in stub.ModelInfer(ask("joined", do=do)).parameters

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(answered, range(16))) == [False, True] * 8
