# mypy: ignore-errors
# Run by KServe's SDK, with its own libraries.
"""The models as KServe runs them: ``… --model_name NAME --model_file FILE`` and the SDK's own flags."""

import argparse
import logging

import numpy as np
from kserve import InferOutput, InferResponse, Model, ModelServer, model_server


class Predictor(Model):
    """Loads the file that it is told."""

    def __init__(self, name, file):
        super().__init__(name)
        if file.endswith(".txt"):
            import lightgbm

            booster = lightgbm.Booster(model_file=file)
            self._output, self._compute = "prediction", lambda rows: booster.predict(rows, num_threads=1)
        else:
            import joblib

            self._output, self._compute = "predict_proba", joblib.load(file).predict_proba
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        """The answers to one request."""
        answer = np.asarray(self._compute(payload.inputs[0].as_numpy()))
        output = InferOutput(self._output, list(answer.shape), "FP64")
        output.set_data_from_numpy(answer, binary_data=True)
        return InferResponse(payload.id, self.name, [output])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(parents=[model_server.parser])
    parser.add_argument("--model_file", required=True)
    given, _ = parser.parse_known_args()
    logging.getLogger("kserve").setLevel(logging.WARNING)
    ModelServer().start([Predictor(given.model_name, given.model_file)])
