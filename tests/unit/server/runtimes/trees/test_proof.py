"""No model is scored by the engine whose answers differ from LightGBM's in a single bit."""

import re

import numpy as np
import pytest

from hotshelf_server.runtimes.booster import Booster
from hotshelf_server.runtimes.trees import Unsupported, compile_trees
from hotshelf_server.runtimes.trees.proof import hostile_rows, prove
from tests.fakes.boosters import FEATURES, KINDS, model_text, without_sizes


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_is_proved(kind: str) -> None:
    prove(compile_trees(model_text(kind)), Booster(model_text(kind)))


def changed(place: int) -> bytes:
    """A model one of whose thresholds is another by the least step."""
    text = without_sizes(model_text("binary"))
    line = re.search(rb"^threshold=(.*)$", text, re.MULTILINE)
    assert line
    words = line[1].split()
    words[place] = repr(float(np.nextafter(float(words[place]), np.inf))).encode()
    return text[: line.start(1)] + b" ".join(words) + text[line.end(1) :]


@pytest.mark.parametrize("place", [0, 7, 18])
def test_a_threshold_that_is_off_by_the_least_step_is_found(place: int) -> None:
    with pytest.raises(Unsupported, match="raw scores are not LightGBM's"):
        prove(compile_trees(model_text("binary")), Booster(changed(place)))


def test_an_objective_that_converts_otherwise_is_found() -> None:
    other = model_text("binary").replace(b"sigmoid:0.7", b"sigmoid:0.8")
    with pytest.raises(Unsupported, match="predictions are not LightGBM's"):
        prove(compile_trees(model_text("binary")), Booster(other))


def test_hostile_rows_hold_every_threshold_its_neighbours_and_every_category() -> None:
    columns = compile_trees(model_text("categories")).columns
    rows = hostile_rows(columns, FEATURES, 3000)
    for group in columns.groups:
        own = columns.thresholds[group["thresholds"] :][: group["count"]]
        for values in (own, np.nextafter(own, np.inf), np.nextafter(own, -np.inf)):
            assert np.isin(values, rows[:, group["feature"]]).all()
    assert np.isin(np.arange(-2, 80), rows[:, -1]).all()
    assert np.isnan(rows).any(axis=0).all()
    assert rows.tobytes() == hostile_rows(columns, FEATURES, 3000).tobytes()
