"""From raw scores to predictions: which formula an objective means.

Source: ``ConvertOutput`` of the objectives in LightGBM's ``src/objective``.
"""

from dataclasses import dataclass

from hotshelf_server.runtimes.trees.errors import Unsupported

IDENTITY, SIGMOID, SOFTMAX, EXP, SQUARE, LOG1P_EXP = range(6)
"""As ``native/trees.h`` has them."""

FORMULAS = {
    "": IDENTITY,
    "custom": IDENTITY,
    "regression": IDENTITY,
    "regression_l1": IDENTITY,
    "huber": IDENTITY,
    "fair": IDENTITY,
    "quantile": IDENTITY,
    "mape": IDENTITY,
    "lambdarank": IDENTITY,
    "rank_xendcg": IDENTITY,
    "poisson": EXP,
    "gamma": EXP,
    "tweedie": EXP,
    "binary": SIGMOID,
    "multiclassova": SIGMOID,
    "cross_entropy": SIGMOID,
    "multiclass": SOFTMAX,
    "cross_entropy_lambda": LOG1P_EXP,
}
SQUARING = ("regression", "regression_l1", "quantile", "mape", "fair")
"""Objectives that word ``sqrt`` makes square their scores, with their sign kept."""


@dataclass(frozen=True, slots=True)
class Transform:
    """``sigmoid``: its slope, where it is one."""

    formula: int
    sigmoid: float = 1.0


def transform_of(objective: tuple[str, ...]) -> Transform:
    """Of the words that the text says. Raises `Unsupported` for an objective that isn't known here."""
    name, *words = objective or ("",)
    if name not in FORMULAS:
        raise Unsupported(f"objective {name!r} is not known here")
    if "sqrt" in words:
        if name not in SQUARING:
            raise Unsupported(f"objective {' '.join(objective)!r} is not known here")
        return Transform(SQUARE)
    said = dict(word.partition(":")[::2] for word in words)
    return Transform(FORMULAS[name], _number(said.get("sigmoid", "1")))


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise Unsupported(f"sigmoid:{word}, expected a number") from error
