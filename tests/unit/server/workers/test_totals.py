"""What the server counts is all that its workers have counted, whoever of them ends."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.workers.families import Key, Number, Part, Point, Series
from hotshelf_server.workers.totals import Totals

VALUE = Part("calls_total")
KEYS: tuple[Key, ...] = ((("code", "OK"),), (("code", "INTERNAL"),))
BUCKETS = (Part("seconds_bucket", "0.1"), Part("seconds_bucket", "+Inf"), Part("seconds_count"), Part("seconds_sum"))

workers = st.integers(0, 2)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("counts"), workers, st.integers(0, 1), st.integers(0, 5)),
        st.tuples(st.just("dies"), workers, st.just(0), st.just(0)),
        st.tuples(st.just("forgets"), workers, st.integers(0, 1), st.just(0)),
    ),
    max_size=40,
)


def series(counts: Counter[int]) -> Series:
    return {KEYS[place]: {VALUE: Number(float(count))} for place, count in counts.items()}


def value(told: Series, place: int) -> float:
    point = told.get(KEYS[place])
    return point[VALUE].value if point else 0.0


@given(steps)
def test_total_is_all_that_was_ever_counted_and_never_falls(steps: list[tuple[str, int, int, int]]) -> None:
    totals, running, ever = Totals(), {one: Counter[int]() for one in range(3)}, Counter[int]()
    for what, worker, place, more in steps:
        if what == "counts":
            running[worker][place] += more
            ever[place] += more
            totals.heard(worker, series(running[worker]))
        elif what == "dies":
            totals.gone(worker)
            running[worker] = Counter()
        else:
            running[worker].pop(place, None)
            totals.heard(worker, series(running[worker]))
        told = totals.total()
        assert [value(told, place) for place in range(2)] == [ever[0], ever[1]]


@given(st.lists(st.tuples(workers, st.booleans(), st.booleans()), max_size=40))
def test_events_that_every_worker_counts_are_counted_once(steps: list[tuple[int, bool, bool]]) -> None:
    """Events reach all workers but those that died just before; a worker that has died begins anew."""
    totals, running, before = Totals(alike=True), [0, 0, 0], 0.0
    for worker, dies, event in steps:
        highest = max(running)
        if dies:
            totals.gone(worker)
            running[worker] = 0
        if event:
            running = [one + 1 for one in running]
        for each, count in enumerate(running):
            totals.heard(each, series(Counter({0: count})))
        now = value(totals.total(), 0)
        assert before <= now <= before + event
        assert now >= highest
        before = now


def point(low: float, high: float) -> Point:
    return dict(zip(BUCKETS, (Number(low), Number(low + high), Number(low + high), Number(high * 0.3)), strict=True))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8))
def test_buckets_of_a_total_are_cumulative_and_fit_its_count(histograms: list[tuple[int, int]]) -> None:
    totals = Totals()
    for worker, (low, high) in enumerate(histograms):
        totals.heard(worker, {(): point(low, high)})
        totals.heard(worker, {(): point(0, 0)})
    (found,) = totals.total().values()
    below, infinite, count, _ = (found[part].value for part in BUCKETS)
    assert below == sum(one for one, _ in histograms)
    assert below <= infinite == count


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=12))
def test_sums_do_not_fall_by_a_rounding_when_workers_end(values: list[float]) -> None:
    totals = Totals()
    for worker, seconds in enumerate(values):
        totals.heard(worker, {(): {VALUE: Number(seconds)}})
    before = totals.total()[()][VALUE].value
    for worker in range(len(values)):
        totals.gone(worker)
        now = totals.total()[()][VALUE].value
        assert now >= before
        before = now


def test_latest_exemplar_of_a_bucket_is_kept_also_when_its_worker_has_gone() -> None:
    totals = Totals()
    for worker, at in enumerate((5.0, 9.0, 7.0)):
        totals.heard(worker, {(): {BUCKETS[0]: Number(1.0, ({"trace_id": str(worker)}, 0.1, at))}})
    totals.gone(1)
    assert totals.total()[()][BUCKETS[0]] == Number(3.0, ({"trace_id": "1"}, 0.1, 9.0))


def test_what_is_wanted_no_more_is_forgotten_once_no_worker_tells_it() -> None:
    totals = Totals()
    for worker in (0, 1):
        totals.heard(worker, series(Counter({0: 2, 1: 3})))
    totals.gone(0)
    totals.keep(lambda _: False)
    assert value(totals.total(), 0) == 4, "one worker still tells it: it must not fall"
    totals.heard(1, {})
    totals.keep(lambda key: key == KEYS[1])
    assert totals.total().keys() == {KEYS[1]}
    assert value(totals.total(), 1) == 6
