"""Counts of trainings that ended."""

from hotshelf_trainer.jobs.metrics.catalogue import DURATION_BUCKETS
from hotshelf_trainer.jobs.metrics.ended import MAX_MODELS, OTHERS, EndedCounts
from hotshelf_trainer.jobs.training import State


def test_models_beyond_the_bound_share_one_series() -> None:
    counts = EndedCounts()
    for number in range(MAX_MODELS + 5):
        counts.add(f"m{number}", State.FAILED, 1.0)
    found = counts.states()
    assert len({model for model, _ in found}) == MAX_MODELS + 1
    assert found[OTHERS, State.FAILED] == 5


def test_a_duration_falls_in_the_bucket_whose_bound_it_reaches() -> None:
    counts = EndedCounts()
    for seconds in (DURATION_BUCKETS[0], DURATION_BUCKETS[0] + 0.1, DURATION_BUCKETS[-1] + 1):
        counts.add("shop", State.SUCCEEDED, seconds)
    found = counts.durations()["shop"].counts
    assert (found[0], found[1], found[-1], sum(found)) == (1, 1, 1, 3)


def test_what_was_never_begun_has_no_duration() -> None:
    counts = EndedCounts()
    counts.add("shop", State.CANCELLED, None)
    assert sum(counts.durations()["shop"].counts) == 0


def test_only_states_that_end_a_training_are_told() -> None:
    counts = EndedCounts()
    counts.known("shop")
    assert {state for _, state in counts.states()} == {state for state in State if state.ended}
