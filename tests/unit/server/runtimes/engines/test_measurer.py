"""Versions serve on their default engine at once, and are measured one after the other when there is time."""

import gc
import logging
from collections.abc import Callable

import numpy as np
import pytest

from hotshelf_server.core.engines import SIZES, Choice, always
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import VersionId
from hotshelf_server.runtimes.engines import Kept, Measurer
from hotshelf_server.runtimes.engines.measurer import MOST_WAITING
from hotshelf_store import Manifest
from hotshelf_store.golden import Golden, GoldenCase
from tests.fakes.choosing import FakeChoosing, Otherwise

ONE, TWO = VersionId("m", 1), VersionId("m", 2)
GOLDEN = Golden((GoldenCase({"x": np.ones((3, 2))}, {"y": np.ones(3)}),))
MANIFEST = Manifest(model="m", version=1)


class Bench:
    """A measurer whose background is run by hand."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []
        self.servables: list[FakeChoosing] = []
        self.pause: Callable[[], None] = lambda: None
        self.measurer = Measurer(
            Kept(None),
            {"cpu": "fast"},
            pauses=lambda: self.pause,
            timer=lambda: sum(one.now for one in self.servables),
            start=self.work.append,
        )

    def servable(self, tolerance: float | None = None, **otherwise: Otherwise) -> FakeChoosing:
        costs = {"ours": lambda rows: rows * 2e-6, "library": lambda rows: rows * 1e-6}
        found = FakeChoosing(costs, otherwise, tolerance=tolerance)
        self.servables.append(found)
        return found

    def run(self) -> None:
        while self.work:
            self.work.pop(0)()


def test_a_version_is_measured_later_and_once(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    first, second = bench.servable(), bench.servable()
    bench.measurer(ONE, first, MANIFEST, GOLDEN)
    assert first.choice.how == "default"
    assert first.calls == []
    with caplog.at_level(logging.INFO):
        bench.run()
    assert first.choice.engines == ("library",) * len(SIZES)
    assert bench.measurer.choice(ONE) == first.choice
    assert "version m/1 computes by library at 1, 8, 64, 512 rows (measured)" in caplog.text
    bench.measurer(ONE, second, MANIFEST, GOLDEN)
    assert second.choice.how == "remembered"
    assert second.choice.engines == first.choice.engines
    assert second.calls == []
    assert not bench.work


def test_a_choice_under_another_tolerance_is_measured_for_itself() -> None:
    bench = Bench()
    servables = [bench.servable(tolerance) for tolerance in (None, 0.0, 1e-6, 1e-6)]
    for servable in servables:
        bench.measurer(ONE, servable, MANIFEST, GOLDEN)
        bench.run()
    assert [one.choice.how for one in servables] == ["measured", "measured", "measured", "remembered"]


def test_a_kept_choice_has_its_engines_made_ready_first() -> None:
    bench = Bench()
    first, second, third = bench.servable(), bench.servable(), bench.servable()
    third.proofs = {"library": InvalidInput("no memory")}
    for servable in (first, second, third):
        bench.measurer(ONE, servable, MANIFEST, GOLDEN)
        bench.run()
    assert second.choice.how == "remembered"
    assert second.ready == ["library"]
    assert third.choice.how == "default"


@pytest.mark.parametrize("reason", [InvalidInput("no memory"), RuntimeError("a library's own"), ImportError("broken")])
def test_a_kept_choice_that_can_not_be_made_ready_fails_no_load(
    reason: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench()
    first, second = bench.servable(), bench.servable()
    bench.measurer(ONE, first, MANIFEST, GOLDEN)
    bench.run()
    second.proofs = {"library": reason}
    bench.measurer(ONE, second, MANIFEST, GOLDEN)
    assert second.choice.how == "default"
    assert f"a choice of engines that was kept is not used: {reason}" in caplog.text
    assert second.settled == [second.choice], "what was made ready is given up"


def test_another_bundle_is_measured_for_itself() -> None:
    bench = Bench()
    bench.measurer(ONE, bench.servable(), MANIFEST, GOLDEN)
    bench.run()
    other = bench.servable()
    bench.measurer(TWO, other, Manifest(model="m", version=2), GOLDEN)
    assert not other.settled
    bench.run()
    assert [one.how for one in other.settled] == ["measured"]


def test_versions_that_wait_share_one_thread() -> None:
    bench = Bench()
    servables = [bench.servable(), bench.servable()]
    for version, servable in zip((ONE, TWO), servables, strict=True):
        bench.measurer(version, servable, Manifest(version=version.version), GOLDEN)
    assert len(bench.work) == 1
    bench.run()
    assert [one.choice.how for one in servables] == ["measured", "measured"]


def test_a_kept_choice_of_an_engine_that_is_not_there_is_measured_anew() -> None:
    bench = Bench()
    before = FakeChoosing({"gone": lambda rows: rows * 1e-6, "library": lambda rows: rows * 2e-6})
    after = bench.servable()
    bench.servables.append(before)
    for servable in (before, after):
        bench.measurer(ONE, servable, MANIFEST, GOLDEN)
        bench.run()
        assert servable.choice.how == "measured"
    assert before.choice.engines == ("gone",) * len(SIZES)
    assert after.choice.engines == ("library",) * len(SIZES)


def test_what_can_not_be_measured_computes_as_it_did() -> None:
    bench = Bench()
    alone = FakeChoosing({"library": lambda _: 1.0})
    configured = bench.servable()
    configured.choice = always("ours", "configured")
    without_golden = bench.servable()
    bench.measurer(ONE, alone, MANIFEST, GOLDEN)
    bench.measurer(ONE, configured, MANIFEST, GOLDEN)
    bench.measurer(ONE, without_golden, MANIFEST, None)
    assert not bench.work
    for servable, engine in ((alone, "library"), (configured, "ours"), (without_golden, "ours")):
        assert servable.choice.engines == (engine,) * len(SIZES)


def test_a_version_that_was_unloaded_is_not_measured() -> None:
    bench = Bench()
    servable = bench.servable()
    bench.measurer(ONE, servable, MANIFEST, GOLDEN)
    bench.servables.clear()
    calls = servable.calls
    del servable
    gc.collect()
    bench.run()
    assert calls == []
    assert bench.measurer.choice(ONE) is None


def test_a_version_that_is_unloaded_while_it_is_measured_is_measured_no_further() -> None:
    bench = Bench()
    servables = [bench.servable()]
    calls = servables[0].calls

    def unload() -> None:
        if len(calls) == 3:
            servables.clear()
            bench.servables.clear()

    bench.pause = unload
    bench.measurer(ONE, servables[0], MANIFEST, GOLDEN)
    bench.run()
    assert len(calls) == 3
    assert bench.measurer.choice(ONE) is None


def test_one_that_fails_keeps_its_engine_and_the_next_is_measured(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bad, good = bench.servable(library=InvalidInput("no such rows")), bench.servable()
    bench.measurer(ONE, bad, MANIFEST, GOLDEN)
    bench.measurer(TWO, good, Manifest(version=2), GOLDEN)
    bench.run()
    assert bad.choice.how == "default"
    assert bad.settled == [bad.choice], "what was made to be measured is given up"
    assert good.choice.how == "measured"
    assert "the engines of version m/1 can't be measured: no such rows" in caplog.text


def test_the_queue_is_bounded() -> None:
    bench = Bench()
    for number in range(MOST_WAITING + 2):
        bench.measurer(VersionId("m", number), bench.servable(), Manifest(version=number), GOLDEN)
    bench.run()
    assert sum(one.choice.how == "measured" for one in bench.servables) == MOST_WAITING


def test_a_servable_without_engines_is_none_of_its_business() -> None:
    bench = Bench()

    class Plain:
        signature = FakeChoosing({"library": lambda _: 1.0}).signature

        def predict(self, inputs: object, parameters: object) -> None:
            raise AssertionError

        def close(self) -> None:
            raise AssertionError

    bench.measurer(ONE, Plain(), MANIFEST, GOLDEN)  # type: ignore[arg-type]  # answers nothing, on purpose
    assert bench.measurer.choice(ONE) is None
    assert not bench.work


def test_a_choice_is_told_in_words_and_properties() -> None:
    seconds = {"a": (1e-6, 2e-6, 3e-6, 4.5678e-6)}
    choice = Choice(("a", "a", "b", "a"), "measured", seconds, ("c",), {"d": 1.23456e-7})
    assert choice.in_words() == (
        "a at 1, 8, 512 rows, b at 64 rows (measured); µs a row at 1, 8, 64, 512 rows: a 1, 2, 3, 4.57; "
        "d differs by up to 1.23e-07; "
        "answers otherwise, and is not used: c"
    )
    assert choice.properties() == {
        "engine_choice": "measured",
        "engine_rows_1": "a",
        "engine_rows_8": "a",
        "engine_rows_64": "b",
        "engine_rows_512": "a",
    }


def test_how_far_answers_may_be_is_a_property_where_an_inexact_engine_computes() -> None:
    choice = Choice(("d",) * len(SIZES), "measured", differences={"d": 1.23456e-7})
    assert choice.properties() == {
        "engine_choice": "measured",
        **{f"engine_rows_{rows}": "d" for rows in SIZES},
        "engine_difference": "1.23e-07",
    }
