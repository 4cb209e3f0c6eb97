"""Classes for the python runtime."""

import json
from pathlib import Path
from typing import Any

import numpy as np


class Scaler:
    """Multiplies ``x`` by the factor in factor.json."""

    def load(self, path: Path) -> None:
        self.factor = json.loads((path / "factor.json").read_text())

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
        return {"y": inputs["x"] * np.float32(self.factor)}


class Dice:
    """Answers differently each time."""

    def load(self, path: Path) -> None: ...

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
        return {"y": np.random.default_rng().random(inputs["x"].shape, dtype=np.float32)}
