"""Which numbers of components are tried, on which folds, and what can't be decomposed at all."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import GroupKFold

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import DecompositionRecipe

SPREAD = 12
"""Numbers of components up to which each is tried; beyond, each is a quarter larger than the last."""


def folds_of(groups: npt.NDArray[np.int64], count: int, seed: int) -> list[Fold]:
    """Of rows to learn from, each group in one. Raises ``DataError`` for fewer groups than folds."""
    known = len(np.unique(groups))
    if known < count:
        raise DataError(f"{known} rows or groups to learn from; expected at least {count}, one for each fold")
    splitter = GroupKFold(count, shuffle=True, random_state=seed)
    return [Fold(train, held_out) for train, held_out in splitter.split(groups[:, None], groups=groups)]


def counts_of(recipe: DecompositionRecipe, most: int) -> list[int]:
    """Numbers of components to try. Raises ``DataError`` where the recipe asks for more than ``most``."""
    asked = recipe.components
    if isinstance(asked, int):
        if asked > most:
            raise DataError(
                f"{asked} components (recipe key components); expected at most {most}, as many as the prepared rows "
                "have columns and a fold has rows"
            )
        most = max(asked, min(most, SPREAD))
    else:
        most = min(asked.most, most)
    counts = list(range(1, min(most, SPREAD) + 1))
    while counts[-1] < most:
        counts.append(min(most, counts[-1] + counts[-1] // 4))
    return sorted({*counts, asked}) if isinstance(asked, int) else counts


def refuse_negative(recipe: DecompositionRecipe, frame: pd.DataFrame) -> None:
    """Raises ``DataError`` for numbers below 0 that NMF would get as they are; scaling them to 0..1 leaves none."""
    if recipe.estimator.name != "NMF" or recipe.preprocessing.scale != "none":
        return
    for name in frame.columns:
        if frame[name].dtype != object and (least := frame[name].min()) < 0:
            raise DataError(
                f"column {name!r} has values below 0 (down to {least:g}), which NMF can't take; "
                "set preprocessing.scale: minmax, or name it in features.drop"
            )
