"""What components give back: nothing more than they hold, on rows that they haven't seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from hotshelf_trainer.diagnosis.components import EXPLAINED, backwards, component_curve, share, squares
from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.sample import Doubles, Indices
from hotshelf_trainer.errors import DataError


def rows(hidden: int, columns: int = 6, noise: float = 0.1, seed: int = 0) -> Doubles:
    """Columns that are mixtures of some hidden ones."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(200, hidden)) @ rng.normal(size=(hidden, columns))
    return np.asarray(mixed + noise * rng.normal(size=(200, columns)))


def halves() -> list[Fold]:
    places = np.arange(200)
    return [Fold(places[::2], places[1::2]), Fold(places[1::2], places[::2])]


def decompose(table: Doubles, learned: Indices, count: int) -> tuple[Doubles, Doubles]:
    return np.asarray(PCA(count).fit(table[learned]).transform(table)), table


def test_the_fewest_components_that_give_enough_back_are_chosen() -> None:
    table = rows(2)
    curve = component_curve(lambda *asked: decompose(table, *asked), halves(), range(1, 7), 0.95)
    assert curve.chosen == 2
    assert "the fewest that give back 95%" in curve.reason
    assert [point.components for point in curve.points] == [1, 2, 3, 4, 5, 6]
    assert curve.points[-1].held_out == pytest.approx(1.0)


def test_where_none_gives_enough_back_the_best_is_taken_and_that_is_said() -> None:
    table = rows(6, noise=1.0)
    curve = component_curve(lambda *asked: decompose(table, *asked), halves(), (1, 2), 0.99)
    assert curve.chosen == 2
    assert "no number gives back 99%" in curve.reason


def test_on_rows_that_were_learned_from_more_is_given_back_than_on_others() -> None:
    table = rows(6, columns=40, noise=2.0)
    curve = component_curve(lambda *asked: decompose(table, *asked), halves(), (3, 10), 0.9)
    assert all(point.train > point.held_out for point in curve.points)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 6), seed=st.integers(0, 99))
def test_of_principal_components_it_is_their_own_reconstruction(count: int, seed: int) -> None:
    table, fresh = rows(3, seed=seed), rows(4, seed=seed + 1)
    model = PCA(count).fit(table)
    known = backwards(model.transform(table), table)
    own = model.inverse_transform(model.transform(fresh))
    assert np.allclose(fresh - own, known.residuals(model.transform(fresh), fresh))
    errors, total = squares(fresh - own), squares(known.about_mean(fresh))
    assert EXPLAINED(total, errors) == pytest.approx(share(known, model.transform(fresh), fresh))


def test_constant_rows_have_nothing_to_give_back() -> None:
    table = np.ones((9, 2))
    assert share(backwards(table, table), table, table) == 0


@pytest.mark.parametrize("counts", [(), (0, 1)])
def test_numbers_of_components_that_cannot_be_are_refused(counts: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="expected numbers from 1 up"):
        component_curve(lambda *asked: decompose(rows(2), *asked), halves(), counts, 0.9)
