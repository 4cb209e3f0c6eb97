"""How good lists of products are, against what was bought (protocol: global cut, all and new products, top 10).

- NDCG@10 (Jarvelin, Kekalainen 2002), binary gain, normalised by a perfect list of min(10, |truth|);
- recall@10 = hits / |truth|; MAP@10 normalised by min(10, |truth|); hit@10 = whether there was one;
- coverage = share of the products sold before the cut that appear in somebody's list.

The truth keeps products that no model can know, so a perfect score is out of reach for anybody.
"""

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.state import Ints
from hotshelf_trainer.recommendation.artifacts import NONE, TOP, Doubles, Lists, Scope, Scores, Truth


def evaluate(lists: Lists, truth: Truth, scope: Scope, sold: int) -> Scores:
    """Score ``lists``; ``sold`` is the number of products sold before the cut."""
    answers = lists.of(scope)
    hits, sizes = _hits(answers, truth, scope)
    discount = 1 / np.log2(np.arange(2, TOP + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])
    reachable = np.minimum(sizes, TOP)
    precision = np.cumsum(hits, axis=1) / np.arange(1, TOP + 1)
    judged = sizes > 0

    def ratio(top: Doubles, bottom: Doubles) -> Doubles:
        shares: Doubles = np.divide(top, bottom, out=np.full(len(sizes), np.nan), where=judged)
        return shares

    listed = answers[judged]
    return Scores(
        ndcg=ratio(hits @ discount, ideal[reachable]),
        recall=ratio(hits.sum(axis=1), sizes.astype(np.float64)),
        average_precision=ratio((precision * hits).sum(axis=1), reachable.astype(np.float64)),
        hit=ratio(hits.max(axis=1, initial=0.0), np.ones(len(sizes))),
        coverage=len(np.unique(listed[listed != NONE])) / max(sold, 1),
    )


def _hits(answers: Ints, truth: Truth, scope: Scope) -> tuple[Doubles, npt.NDArray[np.int64]]:
    """([customers, 10] 1 where an answer is true, [customers] number of true products)."""
    owner = np.repeat(np.arange(len(truth.customers), dtype=np.int64), np.diff(truth.start))
    wanted = ~truth.bought_before if scope == "new" else np.ones(len(owner), dtype=bool)
    stride = int(max(truth.product.max(initial=0), answers.max(initial=0))) + 1
    true = owner[wanted] * stride + truth.product[wanted]
    given = np.arange(len(answers), dtype=np.int64)[:, None] * stride + answers
    hits = np.isin(given, true) & (answers != NONE)
    return hits.astype(np.float64), np.bincount(owner[wanted], minlength=len(answers))
