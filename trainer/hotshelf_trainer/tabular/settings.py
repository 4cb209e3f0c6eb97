"""What a fit needs to know beside its rows and hyperparameters."""

from dataclasses import dataclass

from hotshelf_trainer.recipes.table import Preprocessing


@dataclass(frozen=True, slots=True)
class Settings:
    """The same for all fits of a training, but for the seed."""

    preprocessing: Preprocessing
    seed: int
    threads: int
