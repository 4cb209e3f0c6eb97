"""Servers are measured in turns, and one that fails takes no other along."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.load import Load, Message, Void
from tests.benchmarks.speed.measuring import Plan, measure
from tests.benchmarks.speed.model import Model, Tensor
from tests.benchmarks.speed.models import normal
from tests.benchmarks.speed.servers.baselines import baselines
from tests.benchmarks.speed.servers.server import Launch, NotHere, Place, Server
from tests.benchmarks.speed.wire import Target

CELLS = (Cell("identity", 1, 1), Cell("identity", 2, 4))
ROW = Tensor("input", "FP32", 28)
MODEL = Model("identity", Path(), None, ROW, Tensor("transform", "FP32", 28), 0.0, np.asarray, normal(np.float32))
(ECHO,) = (server for server in baselines() if server.name == "grpc-aio")
UNCOUNTED = replace(ECHO, name="uncounted", launch=lambda place: replace(ECHO.launch(place), counted=None))


def absent(place: Place) -> Launch:
    raise NotHere("it is sold out")


class Loads:
    """Stands for h2load: says that all is well without calling, but where it is told otherwise."""

    def __init__(self, void_at: int = -1) -> None:
        self.made: list[tuple[int, str, int]] = []
        self._void_at = void_at

    def __call__(self, target: Target, cell: Cell, messages: Sequence[Message], seconds: float, folder: Path) -> Load:
        self.made.append((target.port, cell.name, len(messages)))
        if len(self.made) - 1 == self._void_at:
            raise Void("some were refused")
        rate = float(len(self.made))
        return Load(int(10 * rate), rate, np.array([0.001, 0.002, 0.003]), 0.5)


def plan(folder: Path, loads: Loads) -> Plan:
    return Plan("today", 2, 1.0, folder, lambda text: None, settling=0.01, load=loads)


def test_each_cell_goes_round_all_servers_and_medians_are_kept(tmp_path: Path) -> None:
    loads, other = Loads(), replace(UNCOUNTED, name="other")
    found = measure(MODEL, CELLS, [UNCOUNTED, other], plan(tmp_path, loads))
    first, second = loads.made[0][0], loads.made[1][0]
    turns = [(port, cell.name, cell.connections) for cell in CELLS for _ in range(2) for port in (first, second)]
    assert loads.made == turns
    assert [(one.server, one.cell, list(one.rates)) for one in found.speeds] == [
        ("uncounted", "identity-b1-c1", [1.0, 3.0]),
        ("other", "identity-b1-c1", [2.0, 4.0]),
        ("uncounted", "identity-b2-c4", [5.0, 7.0]),
        ("other", "identity-b2-c4", [6.0, 8.0]),
    ]
    assert found.speeds[0].rate == 2.0
    assert found.speeds[0].p50_ms == pytest.approx(2.0)
    assert [(one.server, one.processes) for one in found.starts] == [("uncounted", 1), ("other", 1)]
    assert all(one.ready_s > 0 and one.pss_mb > 1 for one in found.starts)


def test_a_void_round_does_not_count_and_the_next_one_does(tmp_path: Path) -> None:
    found = measure(MODEL, CELLS[:1], [UNCOUNTED], plan(tmp_path, Loads(void_at=0)))
    assert [(list(one.rates), list(one.void)) for one in found.speeds] == [([2.0], ["some were refused"])]


def test_a_server_that_counted_no_calls_voids_what_was_claimed(tmp_path: Path) -> None:
    found = measure(MODEL, CELLS[:1], [ECHO], replace(plan(tmp_path, Loads()), rounds=1))
    assert [list(one.void) for one in found.speeds] == [["the server counts 0 answers, h2load 10"]]


def test_servers_that_are_not_here_or_do_not_start_are_left_out(tmp_path: Path) -> None:
    dead = Server("dead", "", (), lambda place: Launch(["false"]), tuple)
    found = measure(
        MODEL, CELLS[:1], [Server("absent", "", (), absent, tuple), dead, UNCOUNTED], plan(tmp_path, Loads())
    )
    assert [(one.server, one.why) for one in found.skipped] == [
        ("absent", "it is sold out"),
        ("dead", "it did not start; what it wrote was printed"),
    ]
    assert [one.server for one in found.speeds] == ["uncounted"]
