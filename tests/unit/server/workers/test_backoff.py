"""Dead workers are started again, ever later, and at last no more."""

from hotshelf_server.workers.backoff import FIRST_SECONDS, MOST_DEATHS, STEADY_SECONDS, Backoff
from tests.fakes.clock import FakeClock


def test_waits_double_and_then_it_is_given_up() -> None:
    backoff = Backoff(FakeClock())
    waits = [backoff.died() for _ in range(MOST_DEATHS)]
    assert waits[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert None not in waits[:-1]
    assert waits[-1] is None
    assert backoff.deaths == MOST_DEATHS


def test_who_has_served_for_a_while_starts_with_a_clean_slate() -> None:
    clock = FakeClock()
    backoff = Backoff(clock)
    for _ in range(3 * MOST_DEATHS):
        backoff.serves()
        clock.advance(STEADY_SECONDS)
        assert backoff.died() == FIRST_SECONDS


def test_who_serves_for_a_moment_only_does_not() -> None:
    clock = FakeClock()
    backoff = Backoff(clock)
    for _ in range(MOST_DEATHS - 1):
        backoff.serves()
        clock.advance(STEADY_SECONDS - 1)
        assert backoff.died() is not None
    assert backoff.died() is None


def test_time_that_passes_before_it_serves_does_not_count() -> None:
    clock = FakeClock()
    backoff = Backoff(clock)
    for _ in range(MOST_DEATHS - 1):
        clock.advance(STEADY_SECONDS)
        assert backoff.died() is not None
    assert backoff.died() is None
