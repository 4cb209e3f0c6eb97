"""A replica has converged when calls go where the newest alias revision says."""

import pytest

from hotshelf_server.models.convergence import convergence_age
from hotshelf_server.models.routing import Routes
from hotshelf_server.models.source import Wanted

WANTED = Wanted(frozenset({1, 2}), {"champion": {1: 95, 2: 5}, "candidate": {2: 100}}, revision=3, written_at=1_000.0)


def test_a_revision_that_is_applied_has_no_age_however_old_it_is() -> None:
    assert convergence_age(WANTED, {"candidate": {2: 100}, "champion": {2: 5, 1: 95}}, 9_999.0) == 0


@pytest.mark.parametrize(
    "routes",
    [
        {},
        {"champion": {1: 95, 2: 5}},
        {"champion": {1: 100}, "candidate": {2: 100}},
        {"champion": {1: 90, 2: 10}, "candidate": {2: 100}},
        {"champion": {1: 95, 2: 5}, "candidate": {2: 100}, "shadow": {1: 100}},
    ],
)
def test_any_difference_makes_the_age_that_of_the_revision(routes: Routes) -> None:
    assert convergence_age(WANTED, routes, 1_012.5) == 12.5


def test_a_clock_behind_the_writer_s_does_not_pass_for_converged() -> None:
    assert convergence_age(WANTED, {}, 900.0) > 0
