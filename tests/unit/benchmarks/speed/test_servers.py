"""Servers are told what to serve in their own words."""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.speed.cells import CELLS, Cell, chosen
from tests.benchmarks.speed.model import Model, Tensor
from tests.benchmarks.speed.models import normal
from tests.benchmarks.speed.servers.takers import named, own, peers
from tests.benchmarks.speed.servers.triton import configuration
from tests.benchmarks.speed.servers.venvs import Venvs, pinned

MODEL = Model(
    "m",
    Path(),
    None,
    Tensor("input", "FP32", 28),
    Tensor("prediction", "FP64", None),
    0.0,
    lambda rows: rows,
    normal(np.float32),
)


def test_triton_is_told_of_vectors_and_matrices() -> None:
    text = configuration(MODEL)
    assert 'name: "input" data_type: TYPE_FP32 dims: [28]' in text
    assert 'name: "prediction" data_type: TYPE_FP64 dims: [1] reshape: { shape: [] }' in text


def test_servers_are_chosen_by_name_and_keep_their_turns(tmp_path: Path) -> None:
    venvs = Venvs(tmp_path)
    everyone = [server.name for server in named([], venvs)]
    assert everyone == [server.name for server in (*own(), *peers(venvs))]
    assert [server.name for server in named(["triton", "hotshelf-1"], venvs)] == ["hotshelf-1", "triton"]
    with pytest.raises(ValueError, match="--servers nginx: expected some of hotshelf-1"):
        named(["nginx"], venvs)


def test_cells_are_chosen_by_how_they_begin() -> None:
    assert chosen([]) == list(CELLS)
    assert [cell.name for cell in chosen(["identity"])] == ["identity-b1-c1", "identity-b1-c64"]
    with pytest.raises(ValueError, match="--cells nothing: expected the beginning of one of trees-b1-c1"):
        chosen(["nothing"])


@pytest.mark.parametrize(("calls", "connections", "streams"), [(1, 1, 1), (4, 4, 1), (16, 8, 2), (64, 8, 8)])
def test_calls_at_once_are_spread_over_connections(calls: int, connections: int, streams: int) -> None:
    cell = Cell("trees", 1, calls)
    assert (cell.connections, cell.streams) == (connections, streams)


def test_libraries_that_read_the_models_are_those_that_made_them() -> None:
    assert pinned("lightgbm").startswith("lightgbm==")
    assert pinned("kserve==0.21.0") == "kserve==0.21.0"


def test_an_environment_that_is_made_already_is_not_made_again(tmp_path: Path) -> None:
    (tmp_path / "mine" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (tmp_path / "mine" / ".installed").write_text("kserve==0.21.0\nuvloop<0.22")
    venv = Venvs(tmp_path).made("mine", ["kserve==0.21.0", "uvloop<0.22"])
    assert venv.packages == tmp_path / "mine" / "lib" / "python3.11" / "site-packages"
    assert list(venv.distributions) == ["kserve", "uvloop"]
