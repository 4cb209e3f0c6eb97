"""Which times are due, and which missed ones are made up for."""

from datetime import UTC, datetime

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.jobs.cron import Due, check, due, following
from hotshelf_trainer.jobs.errors import InvalidRequest

HOUR = 3_600.0
PATTERNS = ("* * * * *", "*/7 * * * *", "30 4 * * *", "0 0 1 * *", "15 3 * * MON", "0 0 29 2 *", "59 23 31 12 *")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOON = at("2026-03-10 12:00:00")
moments = st.floats(at("2020-01-01"), at("2030-01-01"))


def test_nothing_is_due_before_the_time() -> None:
    assert due("30 12 * * *", NOON, NOON + 29 * 60 + 59.9, HOUR) is None


def test_a_time_is_due_from_its_very_second_on_until_it_is_dealt_with() -> None:
    assert due("30 12 * * *", NOON, NOON + 30 * 60, HOUR) == Due(NOON + 30 * 60, run=True)
    assert due("30 12 * * *", NOON + 30 * 60, NOON + 31 * 60, HOUR) is None


def test_one_training_makes_up_for_many_missed_times() -> None:
    assert due("*/10 * * * *", NOON, NOON + 59 * 60, HOUR) == Due(NOON + 50 * 60, run=True)


def test_a_time_that_was_missed_by_too_much_is_not_made_up_for() -> None:
    seen = at("2026-01-01 00:00:00")
    assert due("0 4 1 * *", seen, NOON, HOUR) == Due(at("2026-03-01 04:00:00"), run=False)


@given(st.sampled_from(PATTERNS), moments, st.floats(0, 400 * 86_400.0), st.floats(60, 366 * 86_400.0))
def test_the_newest_time_decides_and_is_between_what_was_seen_and_now(
    pattern: str, seen: float, later: float, catch_up: float
) -> None:
    now = seen + later
    first = following(pattern, seen)
    found = due(pattern, seen, now, catch_up)
    if found is None:
        assert first > now or first <= seen
    else:
        assert seen < found.at <= now < following(pattern, found.at)
        assert found.at >= first
        assert found.run == (now - found.at <= catch_up)
        assert due(pattern, found.at, now, catch_up) is None, "once it is dealt with, nothing is left"


@given(st.sampled_from(PATTERNS), moments, st.lists(st.floats(1, 10 * 86_400.0), min_size=1, max_size=8))
def test_looks_at_any_moments_find_each_time_at_most_once_and_never_miss_the_newest(
    pattern: str, seen: float, steps: list[float]
) -> None:
    now, found = seen, list[float]()
    for step in steps:
        now += step
        if (one := due(pattern, found[-1] if found else seen, now, 366 * 86_400.0)) is not None:
            found.append(one.at)
    assert found == sorted(set(found))
    assert due(pattern, found[-1] if found else seen, now, HOUR) is None


@given(st.sampled_from(PATTERNS), moments)
def test_the_following_time_fits_the_pattern(pattern: str, moment: float) -> None:
    found = following(pattern, moment)
    assert found > moment - 1
    just_before = datetime.fromtimestamp(found - 1, UTC)
    assert next(CronSim(pattern, just_before)).timestamp() == found


@pytest.mark.parametrize(
    "bad",
    ["", "daily", "* * * *", "0 * * * * *", "61 * * * *", "0 0 30 2 *", "0 0 * * FUNDAY", "* * * * " + "1," * 200],
)
def test_what_is_no_pattern_is_refused_by_name(bad: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^cron .*expected five fields|never comes"):
        check(bad, NOON)


@pytest.mark.parametrize("good", PATTERNS)
def test_a_pattern_is_taken(good: str) -> None:
    check(good, NOON)
