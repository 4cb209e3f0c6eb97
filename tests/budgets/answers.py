"""Opcodes of a model's own part in a call of one row."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library
from tests.budgets.opcodes import ENVIRONMENT, count
from tests.budgets.table import Measure, Uncounted
from tests.fakes.bundles import ROWS, lightgbm_bundle


def of_lightgbm() -> int:
    """Of a LightGBM model's answer. Raises `Uncounted` without the tree engine."""
    try:
        open_library()
    except Unsupported as error:
        raise Uncounted(str(error)) from error
    with TemporaryDirectory() as folder:
        servable = load(Path(folder), lightgbm_bundle(Path(folder)), RuntimePolicy())
    inputs = {"input": ROWS[:1].copy()}
    servable.predict(inputs, {})
    return count(partial(servable.predict, inputs, {}))


def measures() -> Sequence[Measure]:
    """All of them."""
    return [Measure(ENVIRONMENT, "opcodes of a LightGBM model's answer to one row", of_lightgbm)]
