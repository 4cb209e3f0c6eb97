"""What a published version says of a table's rows, in the runtime that serves it."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hotshelf_server.runtimes import Response, RuntimePolicy, load
from hotshelf_store import Manifest


def answers(folder: Path, manifest: Manifest, frame: pd.DataFrame) -> Mapping[str, npt.NDArray[Any]]:
    """The version's outputs [n, …] for rows, whose columns are its inputs.

    Raises ``HotshelfError`` where it can't be loaded, or refuses the rows. A version of older libraries is asked too:
    what it says is compared, and not served.
    """
    inputs = {spec.name: _tensor(frame[spec.name], spec.datatype) for spec in manifest.signature.inputs}
    with closing(load(folder, manifest, RuntimePolicy(allow_library_drift=True))) as servable:
        response = servable.predict(inputs, {})
    if not isinstance(response, Response):
        raise TypeError("a table's model gives one answer, not a stream of them")
    return response.outputs


def _tensor(column: "pd.Series[Any]", datatype: str) -> npt.NDArray[Any]:
    if datatype != "BYTES":
        return np.asarray(column, dtype=np.float64)
    texts = np.empty(len(column), dtype=object)
    texts[:] = [text.encode() for text in column]
    return texts
