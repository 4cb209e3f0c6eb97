"""Ensembles of trees on the tree engine: sums as scikit-learn 1.9 adds them up, and its own formulas behind them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.compiled.ensembles import Tree, constant, ensemble, grown, predictor
from hotshelf_server.runtimes.compiled.head import Compute, Head, is_anything, is_finite, may_miss
from hotshelf_server.runtimes.trees import Trees, Unsupported, build_trees
from hotshelf_server.runtimes.trees.proof import hostile_rows

SINGLE = np.dtype(np.float32)
LARGEST = float(np.finfo(SINGLE).max)
STAND_IN = 0.25
"""What trial rows have in place of values that an estimator refuses."""

WORK = 100_000
"""Rows times trees that a call of a trial asks of the estimator at most, but for a few rows: some 0.1 s."""

Methods = Mapping[str, Callable[[Array], Array]]
"""From sums [n, outputs], which may be changed."""


def forest_heads_of(estimator: Any) -> Mapping[str, Head]:
    """By the name of the method; none for other classes than exactly these. Raises `Unsupported` for trees that the
    engine doesn't take, and whatever reading an estimator of another release brings about."""
    make = HEADS.get(f"{type(estimator).__module__}.{type(estimator).__qualname__}")
    return make(estimator) if make else {}


def _boosting(fitted: Any) -> Mapping[str, Head]:
    """``GradientBoostingClassifier`` and ``-Regressor``: from what a constant guess says, stage by stage."""
    stages, rate = fitted.estimators_, fitted.learning_rate
    first = _first_guess(fitted)
    trees = [constant(value) for value in first]
    trees += [grown(tree.tree_, 1, rate) for tree in stages.reshape(-1)]
    engine = build_trees(ensemble(trees, fitted.n_features_in_, len(first), missing=False))
    if not hasattr(fitted, "classes_"):
        return _heads(engine, {"predict": _flat}, is_finite, single=True)
    methods = _classifying(fitted, lambda sums: sums >= 0)
    return _heads(engine, methods, is_finite, single=True)


def _first_guess(fitted: Any) -> Array:
    if not isinstance(fitted.init_, str) and not type(fitted.init_).__module__.startswith("sklearn.dummy"):
        raise Unsupported("gradient boosting begins with an estimator")
    first: Array = fitted._raw_predict_init(np.zeros((1, fitted.n_features_in_), SINGLE))[0]  # noqa: SLF001 - nothing public tells
    return _positive_zeros(first)


def _histograms(fitted: Any) -> Mapping[str, Head]:
    """``HistGradientBoostingClassifier`` and ``-Regressor``, in float64 and with every kind of number."""
    if fitted._preprocessor is not None:  # noqa: SLF001 - nothing public tells
        raise Unsupported("the estimator encodes categories")
    first = _positive_zeros(fitted._baseline_prediction.reshape(-1))  # noqa: SLF001 - as above
    trees = [constant(value) for value in first]
    trees += [predictor(one.nodes) for stage in fitted._predictors for one in stage]  # noqa: SLF001 - as above
    engine = build_trees(ensemble(trees, fitted.n_features_in_, len(first), missing=True))
    if hasattr(fitted, "classes_"):
        # scikit-learn sums classes one by one, and how numbers lie decides in what order a softmax adds them up.
        behind = _classifying(fitted, lambda sums: sums > 0)
        methods = {name: _by_columns(method) for name, method in behind.items()}
    else:
        inverse = fitted._loss.link.inverse  # noqa: SLF001 - as above
        methods = {"predict": lambda sums: inverse(sums.reshape(-1))}
    return _heads(engine, methods, is_anything, single=False)


def _forest(fitted: Any) -> Mapping[str, Head]:
    """``RandomForest-`` and ``ExtraTrees-``: the mean of the trees, which are added one after the other."""
    return _averaged(fitted, [tree.tree_ for tree in fitted.estimators_], fitted.estimators_[0])


def _tree(fitted: Any) -> Mapping[str, Head]:
    """A tree alone."""
    _positive_zeros(fitted.tree_.value)
    return _averaged(fitted, [fitted.tree_], fitted)


def _averaged(fitted: Any, trees: list[Any], one: Any) -> Mapping[str, Head]:
    if fitted.n_outputs_ != 1:
        raise Unsupported("the trees have several outputs")
    classes = int(fitted.n_classes_) if hasattr(fitted, "classes_") else 1
    missing = bool(one.__sklearn_tags__().input_tags.allow_nan)
    read: list[Tree] = [grown(tree, classes) for tree in trees]
    engine = build_trees(ensemble(read, fitted.n_features_in_, classes, missing=missing, spread=True))
    count = len(trees)

    def mean(sums: Array) -> Array:
        if count > 1:
            sums /= count
        return sums

    takes = may_miss if missing else is_finite
    if not hasattr(fitted, "classes_"):
        return _heads(engine, {"predict": lambda sums: mean(sums).reshape(-1)}, takes, single=True)
    labels = fitted.classes_
    methods: Methods = {
        "predict_proba": mean,
        "predict": lambda sums: labels.take(mean(sums).argmax(axis=1), axis=0),
    }
    return _heads(engine, methods, takes, single=True)


def _classifying(fitted: Any, is_second: Callable[[Array], Array]) -> Methods:
    """Methods of a booster: sums are decisions, and its loss makes probabilities of them."""
    labels, probabilities = fitted.classes_, fitted._loss.predict_proba  # noqa: SLF001 - nothing public holds the formula

    def predict(sums: Array) -> Array:
        places = is_second(sums.reshape(-1)).astype(int) if sums.shape[1] == 1 else sums.argmax(axis=1)
        found: Array = labels[places]
        return found

    return {
        "decision_function": _flat,
        "predict": predict,
        "predict_proba": lambda sums: probabilities(_flat(sums)),
    }


def _flat(sums: Array) -> Array:
    return sums.reshape(-1) if sums.shape[1] == 1 else sums


def _by_columns(method: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda sums: method(np.asfortranarray(sums))


def _heads(engine: Trees, methods: Methods, takes: Callable[[Array], bool], *, single: bool) -> Mapping[str, Head]:
    """``single``: whether the estimator rounds rows to float32 first."""

    def trial(fewest: int, most: int) -> Array:
        count = min(most, max(fewest, WORK // engine.trees))
        rows = hostile_rows(engine.columns, engine.features, count)
        if takes is is_anything:
            return rows
        refused = ~(np.abs(rows) <= LARGEST) if takes is is_finite else np.abs(rows) > LARGEST
        return np.where(refused, STAND_IN, rows)

    def head(method: Callable[[Array], Array]) -> Compute:
        def compute(rows: Array) -> Array | None:
            if single and rows.dtype != SINGLE:
                with np.errstate(over="ignore"):
                    rows = rows.astype(SINGLE)
                if not takes(rows):  # too large for float32, which the estimator says in its own words
                    return None
            return method(engine.raw_scores(np.ascontiguousarray(rows)))

        return compute

    return {name: Head(head(method), takes, trial) for name, method in methods.items()}


def _positive_zeros(values: Array) -> Array:
    """Sums begin with 0.0, and 0.0 + -0.0 is 0.0."""
    if (np.signbit(values) & (values == 0)).any():
        raise Unsupported("a value is -0.0")
    return values


HEADS: Mapping[str, Callable[[Any], Mapping[str, Head]]] = {
    **{f"sklearn.ensemble._gb.GradientBoosting{kind}": _boosting for kind in ("Classifier", "Regressor")},
    **{
        f"sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoosting{kind}": _histograms
        for kind in ("Classifier", "Regressor")
    },
    **{
        f"sklearn.ensemble._forest.{name}{kind}": _forest
        for name in ("RandomForest", "ExtraTrees")
        for kind in ("Classifier", "Regressor")
    },
    **{
        f"sklearn.tree._classes.{name}{kind}": _tree
        for name in ("DecisionTree", "ExtraTree")
        for kind in ("Classifier", "Regressor")
    },
}
"""By the full name of the class, so that nothing is imported to look."""
