# mypy: ignore-errors
# Run by BentoML, with its own libraries.
"""The trees as a service of BentoML."""

import os

import bentoml
import lightgbm
import numpy as np


@bentoml.service(workers=1, traffic={"timeout": 60}, logging={"access": {"enabled": False}})
class Model:
    """Loads the file that a variable names."""

    def __init__(self):
        self._booster = lightgbm.Booster(model_file=os.environ["MODEL_FILE"])

    @bentoml.api
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """The score of each row."""
        return self._booster.predict(rows.astype(np.float32), num_threads=1)
