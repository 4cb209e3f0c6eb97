"""The leak test of a training: what it went by, against what the file says when it ends at the test window's cut."""

from datetime import UTC, datetime

import numpy as np

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Catalogue, Ints, State
from hotshelf_trainer.recommendation.artifacts import Rows, Truth
from hotshelf_trainer.recommendation.champion import rebased
from hotshelf_trainer.recommendation.data import purchases_from
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.fitting import Fitted, Task
from hotshelf_trainer.recommendation.leak_test import leak_test
from hotshelf_trainer.recommendation.rows import rows_of
from hotshelf_trainer.recommendation.split import day
from hotshelf_trainer.verdict import Check


def leak_check(task: Task, fitted: Fitted, judged: Truth) -> Check:
    """Whether the state at the cut, and some of the judged customers' features, knew what happened later.

    The same functions make those of every window, from their own cuts.
    """
    cut = task.parts.test.cut

    def rows(state: State, customers: Ints) -> Rows:
        return rows_of(state, judged.unlabelled(customers), lambda _: None)

    with task.progress.stage("Reading the purchases again as if the test window had not come"):
        until = datetime.fromtimestamp(cut, UTC).isoformat()
        earlier = purchases_from(task.recipe.data.model_copy(update={"until": until}))
        catalogue = _with_categories_of(fitted.state.catalogue, earlier.catalogue)
        then = rebased(fitted.state, catalogue, facts_at(earlier, cut, fitted.state.settings))
        return leak_test(fitted.state, then, judged.customers, rows, day(cut))


def _with_categories_of(now: Catalogue, then: Catalogue) -> Catalogue:
    """``then`` with its categories numbered as in ``now``: in another order sums would round otherwise."""
    known = list(now.categories)
    names = known + [name for name in then.categories if name not in set(known)]
    index = {name: place for place, name in enumerate(names)}
    place = np.array([index[name] for name in then.categories], dtype=np.int32)
    return Catalogue(then.products, then.titles, place[then.category], Names.of(names))
