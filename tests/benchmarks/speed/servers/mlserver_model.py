# mypy: ignore-errors
# Run by MLServer, with its own libraries.
"""The models as a runtime of MLServer."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Model(MLModel):
    """Loads the file that its settings name."""

    async def load(self):
        """The library is imported by who needs it alone."""
        uri = self.settings.parameters.uri
        if uri.endswith(".txt"):
            import lightgbm

            booster = lightgbm.Booster(model_file=uri)
            self._name, self._compute = "prediction", lambda rows: booster.predict(rows, num_threads=1)
        else:
            import joblib

            self._name, self._compute = "predict_proba", joblib.load(uri).predict_proba
        return True

    async def predict(self, payload):
        """The answers to one request."""
        rows = NumpyCodec.decode_input(payload.inputs[0])
        output = NumpyCodec.encode_output(self._name, self._compute(rows))
        return InferenceResponse(model_name=self.name, outputs=[output])
