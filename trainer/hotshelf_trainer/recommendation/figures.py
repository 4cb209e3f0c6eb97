"""Everybody's figures on the test window, and what the gate is shown of them."""

from collections.abc import Mapping

import numpy as np

from hotshelf_server.runtimes.recommender.state import Facts
from hotshelf_trainer.bootstrap import intervals
from hotshelf_trainer.recipes.recommendation import BASELINES, RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import (
    SCOPES,
    Answers,
    Comparison,
    Evaluation,
    Evidence,
    Interval,
    Lists,
    Scope,
    Truth,
)
from hotshelf_trainer.recommendation.champion import Champion
from hotshelf_trainer.recommendation.evaluate import evaluate


def evaluated(lists: Mapping[str, Lists], truth: Truth, facts: Facts, recipe: RecommendationRecipe) -> Evaluation:
    """Figures for every subject and scope, with intervals over customers; the first subject is the candidate."""
    sold = int(np.count_nonzero(np.bincount(facts.product)))
    scores = {(name, scope): evaluate(own, truth, scope, sold) for name, own in lists.items() for scope in SCOPES}
    ndcg: dict[tuple[str, Scope], Interval] = {}
    differences: dict[tuple[str, Scope], Interval] = {}
    for scope in SCOPES:
        own = np.column_stack([scores[name, scope].ndcg for name in lists])
        paired = np.hstack([own, own[:, :1] - own])
        found = intervals(paired, recipe.gate.resamples, recipe.seed)
        for place, name in enumerate(lists):
            ndcg[name, scope], differences[name, scope] = found[place], found[place + len(lists)]
    return Evaluation(
        scores=scores,
        ndcg=ndcg,
        differences=differences,
        customers=len(truth.customers),
        cold_customers=truth.cold_customers,
    )


def evidence_of(champion: Champion | None, note: str, evaluation: Evaluation, answers: Answers) -> Evidence:
    """What was found, as the gate asks for it; ``note`` tells how the champion was put on equal terms."""

    def against(subject: str, scope: Scope) -> Comparison:
        return Comparison(
            candidate=evaluation.ndcg["candidate", scope].mean,
            other=evaluation.ndcg[subject, scope].mean,
            difference=evaluation.differences[subject, scope],
        )

    return Evidence(
        champion_version=champion.version if champion else 0,
        champion_note=note,
        champion=against("champion", "all") if champion else None,
        baselines={(name, scope): against(name, scope) for name in BASELINES for scope in SCOPES},
        finite=answers.finite,
        coverage=evaluation.scores["candidate", "all"].coverage,
    )
