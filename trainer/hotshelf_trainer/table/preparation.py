"""What is done to the columns of a table before a scikit-learn estimator."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from hotshelf_trainer.recipes.table import Preprocessing
from hotshelf_trainer.table.roles import Roles

PARALLEL = ("sklearn.ensemble", "sklearn.neighbors")
"""Modules whose ``n_jobs`` does something; elsewhere it is deprecated."""

Made = TypeVar("Made")


def preparation(roles: Roles, said: Preprocessing) -> ColumnTransformer:
    """What is done to each kind of column. What it learns, it learns from the rows that it is fitted on."""
    kinds = [("numbers", make_pipeline(*_numbers(said)), list(roles.numeric))] if roles.numeric else []
    if roles.categorical:
        kinds.append(("categories", _encoder(said), list(roles.categorical)))
    return ColumnTransformer(kinds, verbose_feature_names_out=False)


def settled(estimator: Made, said: Mapping[str, Any], seed: int, threads: int) -> Made:
    """The estimator with the training's seed and threads, where it takes them and ``said`` doesn't name them."""
    own: Any = estimator
    wanted: dict[str, Any] = {"random_state": seed}
    if type(estimator).__module__.startswith(PARALLEL):
        wanted["n_jobs"] = threads
    known = own.get_params()
    own.set_params(**{key: value for key, value in wanted.items() if key in known and key not in said})
    return estimator


def _numbers(said: Preprocessing) -> list[Any]:
    imputer = (
        SimpleImputer(strategy="constant", fill_value=0)
        if said.impute == "zero"
        else SimpleImputer(strategy=said.impute)
    )
    scalers = {
        "standard": StandardScaler(),
        "robust": RobustScaler(),
        "minmax": MinMaxScaler(clip=True),
        "power": PowerTransformer(),
    }
    return [imputer, scalers[said.scale]] if said.scale in scalers else [imputer]


def _encoder(said: Preprocessing) -> Any:
    if said.encode == "ordinal":
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    if said.encode == "target":
        return TargetEncoder(shuffle=False)
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=said.rare, sparse_output=False)
