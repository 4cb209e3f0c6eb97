"""A table's model as the file that a runtime takes."""

from pathlib import Path

from hotshelf_trainer import canonical_skops
from hotshelf_trainer.tabular.boosted import BoostedModel
from hotshelf_trainer.tabular.estimators import EstimatorModel
from hotshelf_trainer.tabular.learner import Model


def saved(model: Model, folder: Path) -> Path:
    """The file in the folder, LightGBM's text or a skops file."""
    if isinstance(model, BoostedModel):
        path = folder / "model.txt"
        model.booster.save_model(path)
        return path
    if isinstance(model, EstimatorModel):
        path = folder / "pipeline.skops"
        canonical_skops.dump(model.pipeline, path)
        return path
    raise TypeError(f"no runtime serves a {type(model).__name__}")
