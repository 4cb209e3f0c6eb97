"""Figures are kept, and those of a part of the servers renew that part alone."""

from dataclasses import replace
from pathlib import Path

from tests.benchmarks.speed.figures import Figures, Machine, Skipped, merged, nothing, read
from tests.unit.benchmarks.speed.kept import FIGURES, MACHINE, OTHER, RUN, speed


def test_figures_are_kept_in_four_digits(tmp_path: Path) -> None:
    precise = replace(FIGURES, speeds=[speed("triton", "trees-b1-c64", 12345.6)])
    precise.write(tmp_path / "figures.json")
    assert read(tmp_path / "figures.json") == replace(FIGURES, speeds=[speed("triton", "trees-b1-c64", 12350.0)])


def new(*servers: str) -> Figures:
    return replace(nothing(MACHINE), speeds=[speed(one, "trees-b1-c64", 1.0, run=OTHER) for one in servers])


def test_what_was_measured_again_replaces_what_it_was() -> None:
    found = merged(FIGURES, new("triton", "bentoml"))
    runs = {(one.server, one.cell): one.run for one in found.speeds}
    assert runs["triton", "trees-b1-c64"] == runs["bentoml", "trees-b1-c64"] == OTHER
    assert runs["triton", "trees-b32-c16"] == runs["hotshelf-2", "trees-b1-c64"] == RUN
    assert len(found.speeds) == len(FIGURES.speeds) + 1
    assert (found.starts, found.engines) == (list(FIGURES.starts), list(FIGURES.engines))


def test_a_server_that_was_left_out_and_then_measured_is_left_out_no_more() -> None:
    assert merged(FIGURES, new("kserve")).skipped == []
    assert merged(FIGURES, new("triton")).skipped == [Skipped(RUN, "kserve", "trees", "it did not start")]


def test_figures_of_another_machine_are_dropped() -> None:
    other = replace(new("triton"), machine=Machine("another processor", 2, 24, "a system"))
    assert merged(FIGURES, other) == other
