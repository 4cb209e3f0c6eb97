"""A rollout ends with the canary as champion or taken back, whatever judges, operators and replicas do meanwhile."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotshelf_store import CANDIDATE, CHAMPION, PREVIOUS, Manifest, Store, Verdict
from hotshelf_trainer.judge.loop import End, Judge, Plan
from hotshelf_trainer.judge.observe import Seen
from hotshelf_trainer.judge.rollout import AUTHOR
from tests.fakes.memory_backend import MemoryBackend
from tests.unit.trainer.judge.fleet import FakeFleet, counts

ENOUGH = 600
"""Calls of a version between two looks that are enough for a step."""


class Stage:
    """A store with champion 1 and candidate 2, which passed the gate, a fleet, and what judges said."""

    def __init__(self, bundle: Path) -> None:
        self.backend = MemoryBackend()
        self.store = Store(self.backend)
        self.fleet = FakeFleet()
        self.said: list[str] = []
        self.bundle = bundle
        for manifest in (Manifest(), Manifest(verdict=Verdict(passed=True, champion_version=1))):
            self.store.publish("m", bundle, manifest)

    def judge(self, *, look: Callable[[], Seen] | None = None, **plan: object) -> Judge:
        return Judge(Plan("m", **plan), self.store, look or self.fleet.look, self.said.append)  # type: ignore[arg-type]  # kinds differ

    def serve(self, *, failed: int = 0, calls: int = ENOUGH) -> None:
        """Let each replica answer calls of both versions; so many of the canary fail."""
        for replica in self.fleet.replicas:
            self.fleet.serve(replica, 1, counts(ok=calls))
            self.fleet.serve(replica, 2, counts(ok=calls - failed, failed=failed))

    @property
    def champion(self) -> dict[int, int]:
        return dict(self.store.aliases("m").routes[CHAMPION].weights)

    def history(self) -> list[tuple[str, dict[int, int]]]:
        """Author and champion's weights, oldest first."""
        entries = reversed(self.store.alias_history("m"))
        return [(entry.author, dict(entry.routes[CHAMPION].weights)) for entry in entries]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    (tmp_path / "model.txt").write_text("trees")
    return Stage(tmp_path)


def test_a_good_canary_is_raised_step_by_step_until_it_is_champion(stage: Stage) -> None:
    ended = stage.judge().run(stage.serve)
    assert ended.end is End.CHAMPION
    assert [weights for author, weights in stage.history() if author == AUTHOR] == [
        {1: 95, 2: 5},
        {1: 90, 2: 10},
        {1: 75, 2: 25},
        {1: 50, 2: 50},
        {2: 100},
    ]
    newest = stage.store.aliases("m")
    assert set(newest.routes[PREVIOUS].weights) == {1}
    assert "canary 2 from 50 % to 100 %: 1,200 calls of the canary" in newest.reason


def test_a_bad_canary_is_taken_back_with_the_reason_in_the_log(stage: Stage) -> None:
    judge = stage.judge()
    assert judge.turn() is None
    stage.serve(failed=60)
    ended = judge.turn()
    assert ended is not None
    assert ended.end is End.TAKEN_BACK
    newest = stage.store.aliases("m")
    assert (newest.author, stage.champion) == (AUTHOR, {1: 100})
    assert "canary 2 taken back from 5 %: errors 10.00% of 1,200 against 0.00%" in newest.reason
    assert PREVIOUS not in newest.routes


def test_a_canary_is_held_until_it_has_enough_calls(stage: Stage) -> None:
    judge = stage.judge()
    judge.turn()
    for _ in range(2):
        stage.serve(calls=100)
        assert judge.turn() is None
        assert stage.champion == {1: 95, 2: 5}
    stage.serve(calls=100)
    judge.turn()
    assert stage.champion == {1: 90, 2: 10}


def test_calls_of_one_step_are_no_evidence_for_the_next(stage: Stage) -> None:
    judge = stage.judge()
    judge.turn()
    stage.serve()
    for _ in range(5):
        judge.turn()
    assert stage.champion == {1: 90, 2: 10}


def test_a_judge_that_starts_anew_goes_on_from_the_alias_log_alone(stage: Stage) -> None:
    first = stage.judge()
    first.turn()
    stage.serve()
    first.turn()
    stage.store.publish("m", stage.bundle, Manifest())  # another candidate by now
    second = stage.judge()
    second.turn()
    assert stage.champion == {1: 90, 2: 10}
    stage.serve()
    second.turn()
    assert stage.champion == {1: 75, 2: 25}


def test_a_canary_that_was_taken_back_is_not_tried_again_unless_asked(stage: Stage) -> None:
    stage.judge().run(lambda: stage.serve(failed=60))
    ended = stage.judge().turn()
    assert ended is not None
    assert (ended.end, "taken back from 5 %" in ended.words) == (End.TAKEN_BACK, True)
    assert stage.judge(again=True).turn() is None
    assert stage.champion == {1: 95, 2: 5}


def test_a_silent_replica_holds_a_raise_but_not_a_take_back(stage: Stage) -> None:
    judge = stage.judge()
    judge.turn()
    stage.fleet.silent["b"] = "UNAVAILABLE: refused"
    stage.serve()
    assert judge.turn() is None
    assert stage.champion == {1: 95, 2: 5}
    assert "b does not answer (UNAVAILABLE: refused)" in stage.said[-1]
    stage.serve(failed=100)
    ended = judge.turn()
    assert ended is not None
    assert ended.end is End.TAKEN_BACK


def test_missing_replicas_can_be_allowed_but_not_all_of_them(stage: Stage) -> None:
    judge = stage.judge(allow_missing=True)
    stage.fleet.silent = {"a": "gone", "b": "gone"}
    judge.turn()
    assert stage.champion == {1: 100}
    del stage.fleet.silent["a"]
    judge.turn()
    assert stage.champion == {1: 95, 2: 5}


def test_a_new_candidate_meanwhile_changes_nothing(stage: Stage) -> None:
    judge = stage.judge()
    judge.turn()
    stage.serve()
    stage.store.publish("m", stage.bundle, Manifest())
    judge.turn()
    assert stage.champion == {1: 90, 2: 10}
    assert dict(stage.store.aliases("m").routes[CANDIDATE].weights) == {3: 100}


@pytest.mark.parametrize(
    "decide",
    [
        lambda store: store.set_alias("m", CHAMPION, {1: 100}, author="me", reason="I saw enough"),
        lambda store: store.set_alias("m", CHAMPION, {2: 100}, author="me", reason="I saw enough"),
        lambda store: store.set_alias("m", CHAMPION, {1: 70, 2: 30}, author="me", reason="I saw enough"),
    ],
)
def test_an_operator_who_decides_otherwise_is_obeyed(stage: Stage, decide: Callable[[Store], object]) -> None:
    judge = stage.judge()
    judge.turn()
    stage.serve()
    decide(stage.store)
    decided = stage.champion
    ended = judge.turn()
    assert ended is not None
    assert (ended.end, stage.champion) == (End.STOPPED, decided)
    assert "me set champion to" in ended.words
    assert "I saw enough" in ended.words


def test_an_operator_who_decides_while_the_judge_looks_is_not_overwritten(stage: Stage) -> None:
    def look() -> Seen:
        if stage.champion == {1: 95, 2: 5} and stage.fleet.looks >= 2:
            stage.store.set_alias("m", CHAMPION, {1: 100}, author="me", reason="enough")
        return stage.fleet.look()

    ended = stage.judge(look=look).run(stage.serve)
    assert (ended.end, stage.champion) == (End.STOPPED, {1: 100})
    assert "looking again" in stage.said[-1]


def test_the_gate_is_asked_before_the_canary_gets_any_traffic(stage: Stage) -> None:
    stage.store.publish("m", stage.bundle, Manifest())
    ended = stage.judge().turn()
    assert ended is not None
    assert (ended.end, stage.champion) == (End.REFUSED, {1: 100})
    assert "never judged by a gate" in ended.words


def test_what_cannot_be_judged_is_said(stage: Stage) -> None:
    champion = stage.judge(canary=1).turn()
    assert champion is not None
    assert champion.end is End.CHAMPION
    stage.judge().turn()
    other = stage.judge(canary=3).turn()
    assert other is not None
    assert (other.end, other.words) == (End.STOPPED, "version 2 is being judged already, not version 3")
    stage.store.set_alias("m", CHAMPION, {1: 60, 2: 40}, author="me")
    split = stage.judge().turn()
    assert split is not None
    assert "a judge begins with a champion alone" in split.words


def test_a_store_that_cannot_be_reached_is_waited_for(stage: Stage) -> None:
    judge = stage.judge()
    stage.backend.available = False
    assert judge.turn() is None
    stage.backend.available = True
    judge.turn()
    assert stage.champion == {1: 95, 2: 5}


def test_a_judge_with_older_counts_does_not_bring_back_a_canary_that_another_took_back(stage: Stage) -> None:
    second, armed = stage.judge(), [False]

    def look() -> Seen:
        seen = stage.fleet.look()
        if armed[0]:
            armed[0] = False
            stage.serve(failed=300)
            second.turn()
        return seen

    first = stage.judge(look=look)
    first.turn()
    second.turn()
    stage.serve()
    armed[0] = True
    ended = first.turn()
    assert ended is not None
    assert (ended.end, stage.champion) == (End.TAKEN_BACK, {1: 100})


class Witness:
    """Knows how many calls the canary had answered at each entry of the log."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.answered: dict[int, int] = {}

    def note(self) -> None:
        versions = self.stage.fleet.replicas.values()
        answered = sum(counts[2].ok for counts in versions if 2 in counts)
        for revision in range(1, self.stage.store.newest_aliases("m") + 1):
            self.answered.setdefault(revision, answered)

    def calls_before_each_raise(self) -> list[int]:
        """Calls of the canary between the entry that set a step and the one that went beyond it."""
        mine = [entry.revision for entry in reversed(self.stage.store.alias_history("m")) if entry.author == AUTHOR]
        return [self.answered[after] - self.answered[before] for before, after in pairwise(mine)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["first", "second", "second within first", "first within second", "serve", "publish"])))
def test_two_judges_never_raise_twice_on_the_same_evidence(tmp_path: Path, turns: list[str]) -> None:
    (tmp_path / "model.txt").write_text("trees")
    stage = Stage(tmp_path)
    witness = Witness(stage)
    within: list[Judge] = []

    def look() -> Seen:
        """The other judge acts between this one's look at the log and its decision."""
        seen = stage.fleet.look()
        if within:
            within.pop().turn()
            witness.note()
        return seen

    first, second = stage.judge(canary=2, look=look), stage.judge(canary=2, look=look)
    for turn in [*turns, *(["first", "second", "serve", "second within first"] * 8)]:
        match turn:
            case "serve":
                stage.serve(calls=200)
            case "publish":
                stage.store.publish("m", stage.bundle, Manifest())
            case _:
                acting, other = (first, second) if turn.startswith(("first", "second within")) else (second, first)
                within[:] = [other] if "within" in turn else []
                acting.turn()
        witness.note()
    steps = [weights for author, weights in stage.history() if author == AUTHOR]
    assert steps == [{1: 95, 2: 5}, {1: 90, 2: 10}, {1: 75, 2: 25}, {1: 50, 2: 50}, {2: 100}][: len(steps)]
    assert len(steps) >= 2
    assert all(calls >= Plan("m").limits.min_calls for calls in witness.calls_before_each_raise())
