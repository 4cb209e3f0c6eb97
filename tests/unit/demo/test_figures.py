"""The demo's figures are those of its calls, and nothing that went wrong is left out."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from hotshelf_client import Metric, Version, VersionStatus
from hotshelf_demo import display
from hotshelf_demo.figures import answered, phases, problems, quality
from hotshelf_demo.record import Outcome, Places, Times
from hotshelf_demo.traffic import Call

TIMES = Times(training=110.0, published=120.0, swapped=125.0)


def version(number: int, *aliases: str, passed: bool = True) -> Version:
    return Version(
        version=number,
        created_at=datetime.fromtimestamp(120, UTC),
        runtime="recommender",
        author="demo",
        description="",
        passed=passed,
        metrics=(
            Metric("ndcg@10", "test/all", "candidate", 0.41, 0.4, 0.42),
            Metric("ndcg@10", "test/new", "candidate", 0.13, None, None),
            Metric("ndcg@10", "test/all", "popularity", 0.2, 0.19, 0.21),
            Metric("recall@10", "test/all", "candidate", 0.3, None, None),
        ),
        aliases=aliases,
        status=VersionStatus(number, "ready", "", None, 0),
    )


def calls() -> list[Call]:
    by_version = [Call(float(second), 0.002, 1 if second < 125 else 2) for second in range(100, 130)]
    return [*by_version[:-1], replace(by_version[-1], seconds=0.1)]


def outcome(made: list[Call] | None = None, newest: Version | None = None) -> Outcome:
    versions = (newest or version(2, "candidate", "champion"), version(1, "previous"))
    return Outcome(versions, tuple(calls() if made is None else made), TIMES, 210.5, 83.0)


def test_phases_part_the_traffic_at_training_publication_and_swap() -> None:
    found = [(phase.name, phase.calls) for phase in phases(calls(), TIMES)]
    assert found == [("before", 10), ("while version 2 trains", 10), ("during the swap", 6), ("after", 4)]


def test_percentiles_are_of_the_phases_own_calls() -> None:
    before, *_, after = phases(calls(), TIMES)
    assert (before.p50_ms, before.p99_ms) == pytest.approx((2.0, 2.0))
    assert after.p50_ms == pytest.approx(2.0)
    assert after.p99_ms > 90


def test_phase_without_calls_is_left_out() -> None:
    assert [phase.name for phase in phases(calls()[:5], TIMES)] == ["before"]


def test_calls_are_counted_by_the_version_that_answered() -> None:
    assert answered([*calls(), Call(129.5, 5.0, 0, "gone")]) == {1: 25, 2: 5}


def test_good_run_has_no_problems() -> None:
    assert problems(outcome()) == []


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            outcome([*calls(), Call(1.0, 1.0, 0, "UNAVAILABLE: gone")]),
            "1 calls failed, the first one with: UNAVAILABLE",
        ),
        (outcome(calls()[:20]), "version 2 answered no call"),
        (outcome(calls()[28:]), "version 1 answered no call"),
        (outcome(newest=version(2, "champion", passed=False)), "version 2 did not pass the gate"),
        (outcome(newest=version(2, "candidate")), "version 2 is not the champion"),
    ],
)
def test_what_went_wrong_is_said(seen: Outcome, said: str) -> None:
    (problem,) = problems(seen)
    assert problem.startswith(said)


def test_quality_has_a_row_for_each_subject() -> None:
    assert quality(version(2)) == [
        ("version 2", {"all": "0.410 (0.400-0.420)", "new": "0.130"}),
        ("recent popularity", {"all": "0.200 (0.190-0.210)"}),
    ]


@pytest.mark.parametrize("width", [80, 200])
def test_summary_says_what_was_seen_and_where_it_lies(width: int, tmp_path: Path) -> None:
    console = Console(width=width, record=True, file=(tmp_path / "out").open("w"))
    console.print(display.summary(outcome(), Places(Path("demo-output"))))
    console.file.close()
    shown = " ".join(console.export_text().replace("│", " ").split())
    for said in (
        "30 calls answered (25 by version 1, 5 by version 2), 0 failed",
        "peaked at 210 MiB",
        "demo-output/version-2/report.html",
        "demo-output/metrics.txt",
    ):
        assert said in shown
