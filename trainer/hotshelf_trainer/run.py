"""How a training is run, beside what it learns."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """None of it changes what a recipe says is to be learned."""

    author: str = ""
    """Who publishes, for the store's history."""
    study: Path | None = None
    """Journal of the search for hyperparameters: one that was cut off goes on where it was."""
    dask: str | None = None
    """Address of a Dask scheduler, over whose workers the fits are fanned out; None: all in this process."""
