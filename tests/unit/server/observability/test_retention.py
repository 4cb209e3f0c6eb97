"""Series of versions that have gone are kept for a while, and not for ever."""

from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.retention import Retention

ONE, TWO = VersionId("m", 1), VersionId("m", 2)
VERSIONS = st.frozensets(st.sampled_from([VersionId("m", number) for number in range(4)]))

Look = tuple[frozenset[VersionId], frozenset[VersionId], float]


def test_what_is_here_stays_and_what_has_gone_ends_after_a_while() -> None:
    retention = Retention[VersionId](60)
    assert retention.staying([ONE, TWO], [ONE, TWO], 0) == {ONE, TWO}
    assert retention.staying([ONE, TWO], [TWO], 100) == {ONE, TWO}
    assert retention.staying([ONE, TWO], [TWO], 159) == {ONE, TWO}
    assert retention.staying([ONE, TWO], [TWO], 160) == {TWO}


def test_a_version_that_comes_back_has_its_whole_time_again() -> None:
    retention = Retention[VersionId](60)
    retention.staying([ONE], [], 0)
    retention.staying([ONE], [ONE], 50)
    assert retention.staying([ONE], [], 70) == {ONE}
    assert retention.staying([ONE], [], 129) == {ONE}
    assert retention.staying([ONE], [], 130) == frozenset()


@given(st.lists(st.tuples(VERSIONS, VERSIONS, st.floats(0, 100))))
def test_nothing_that_is_here_is_ever_lost(looks: list[Look]) -> None:
    retention, now = Retention[VersionId](60), 0.0
    for counted, here, later in looks:
        now += later
        staying = retention.staying(counted, here, now)
        assert counted & here <= staying <= counted
