# mypy: ignore-errors
# Run by Triton, in its own interpreter and with its own libraries.
"""The models as Triton's Python backend runs them: the requests of a batch are computed at once."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "packages"))

import numpy as np  # noqa: E402 - found by the line above
import triton_python_backend_utils as pb_utils  # noqa: E402 - as above


class TritonPythonModel:
    """Loads what lies beside this file."""

    def initialize(self, args):
        """Once for each instance."""
        self._name, self._compute = compute()

    def execute(self, requests):
        """One response for each request."""
        rows = [pb_utils.get_input_tensor_by_name(request, "input").as_numpy() for request in requests]
        answers = self._compute(rows[0] if len(rows) == 1 else np.concatenate(rows))
        responses, start = [], 0
        for part in rows:
            answer = answers[start : start + len(part)]
            start += len(part)
            responses.append(pb_utils.InferenceResponse([pb_utils.Tensor(self._name, answer)]))
        return responses


def compute():
    """The output's name, and what computes it from rows, on one thread."""
    if (HERE / "model.txt").exists():
        import lightgbm

        booster = lightgbm.Booster(model_file=HERE / "model.txt")
        return "prediction", lambda rows: booster.predict(rows, num_threads=1)
    if (HERE / "model.joblib").exists():
        import joblib

        return "predict_proba", joblib.load(HERE / "model.joblib").predict_proba
    return "transform", lambda rows: rows
