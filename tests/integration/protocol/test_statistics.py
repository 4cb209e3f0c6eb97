"""ModelStatistics adds up: what was called is what is counted."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from tests.fakes.bundles import ROWS
from tests.integration.conftest import Running
from tests.integration.protocol.speaking import Talk, ask, rows, statistics, wait_for_calls

STAGES = ("queue", "compute_input", "compute_infer", "compute_output")


def rows_in_batches(counted: pb.ModelStatistics) -> int:
    return sum(batch.batch_size * batch.compute_infer.count for batch in counted.batch_stats)


def test_calls_rows_and_computations_add_up(stub: GRPCInferenceServiceStub) -> None:
    before = statistics(stub, "toy")
    began = time.time()
    for count in (1, 2, 5):
        stub.ModelInfer(ask("toy", rows(ROWS[:count])))
    after = statistics(stub, "toy")
    assert after.inference_count - before.inference_count == 8
    assert after.execution_count - before.execution_count == 3
    assert rows_in_batches(after) - rows_in_batches(before) == 8
    for stage in ("success", *STAGES):
        assert getattr(after.inference_stats, stage).count - getattr(before.inference_stats, stage).count == 3, stage
    assert began - 1 <= after.last_inference / 1e3 <= time.time() + 1


def test_the_stages_of_a_call_are_within_its_whole_time(stub: GRPCInferenceServiceStub) -> None:
    stub.ModelInfer(ask("toy", rows(ROWS)))
    counted = statistics(stub, "toy").inference_stats
    assert 0 < sum(getattr(counted, stage).ns for stage in STAGES) <= counted.success.ns
    assert counted.compute_infer.ns > 0
    assert counted.compute_input.ns > 0
    assert counted.compute_output.ns > 0


def test_what_fails_is_counted_as_failed_and_as_nothing_else(stub: GRPCInferenceServiceStub) -> None:
    before = statistics(stub, "gated")
    for request in (ask("gated", do="raise"), ask("gated", outputs=["z"]), ask("gated", rows(ROWS))):
        with pytest.raises(grpc.RpcError):
            stub.ModelInfer(request)
    after = statistics(stub, "gated")
    assert after.inference_stats.fail.count - before.inference_stats.fail.count == 3
    assert after.inference_stats.fail.ns > before.inference_stats.fail.ns
    after.inference_stats.fail.CopyFrom(before.inference_stats.fail)
    assert after == before


def test_time_in_line_is_time_in_the_queue(house: Running, stub: GRPCInferenceServiceStub, gate: Path) -> None:
    before = statistics(stub, "gated").inference_stats.queue
    calls = [stub.ModelInfer.future(ask("gated", until=str(gate)))]
    wait_for_calls(house, executing=1)
    calls.append(stub.ModelInfer.future(ask("gated")))
    wait_for_calls(house, executing=1, waiting=1)
    began = time.monotonic()
    time.sleep(0.05)  # what is to be found in the queue's time
    held = time.monotonic() - began
    gate.touch()
    assert all(call.result(10) for call in calls)
    after = statistics(stub, "gated").inference_stats.queue
    assert after.count - before.count == 2
    assert after.ns - before.ns >= held * 1e9


def test_joined_calls_are_one_computation_of_all_their_rows(stub: GRPCInferenceServiceStub) -> None:
    before = statistics(stub, "batched")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda place: stub.ModelInfer(ask("batched", rows(ROWS[place : place + 1]))), range(32)))
    after = statistics(stub, "batched")
    assert after.inference_stats.success.count - before.inference_stats.success.count == 32
    assert after.inference_count - before.inference_count == 32
    assert after.execution_count - before.execution_count < 32
    assert rows_in_batches(after) - rows_in_batches(before) == 32
    assert max(batch.batch_size for batch in after.batch_stats) > 1


def test_responses_of_a_decoupled_model_are_counted_by_their_place(stub: GRPCInferenceServiceStub) -> None:
    before = statistics(stub, "gated")
    talk = Talk(stub)
    talk.say(ask("gated", do="iterate"), ask("gated", do="iterate once"))
    assert len(list(talk.rest())) == 3
    after = statistics(stub, "gated")
    counts = [after.response_stats[place].success.count - before.response_stats[place].success.count for place in "01"]
    assert counts == [2, 1]
    assert after.response_stats["1"].compute_infer.ns > before.response_stats["1"].compute_infer.ns
    assert after.inference_stats.success.count - before.inference_stats.success.count == 2
    assert after.execution_count - before.execution_count == 2


def test_without_a_name_every_version_is_told(stub: GRPCInferenceServiceStub) -> None:
    told = stub.ModelStatistics(pb.ModelStatisticsRequest()).model_stats
    assert {(one.name, one.version) for one in told} >= {("toy", "1"), ("batched", "1"), ("gated", "1")}
    (champion,) = stub.ModelStatistics(pb.ModelStatisticsRequest(name="toy", version="champion")).model_stats
    assert champion.version == "1"


def test_a_request_without_rows_counts_as_one(stub: GRPCInferenceServiceStub) -> None:
    before = statistics(stub, "toy")
    stub.ModelInfer(ask("toy", rows(np.empty((0, 3)))))
    assert statistics(stub, "toy").inference_count - before.inference_count == 1
