"""A model without a target as the files that the runtime takes: the pipeline, its signature and its goldens.

The goldens are rows that it learned from: random ones may be none that it takes, such as numbers below 0 for NMF.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from google.protobuf import json_format

from hotshelf_trainer import canonical_skops
from hotshelf_trainer.foreign import goldens, signatures
from hotshelf_trainer.foreign.publish import Foreign
from hotshelf_trainer.unsupervised.learner import Fitted


def saved(fitted: Fitted, frame: pd.DataFrame, folder: Path, seed: int) -> Foreign:
    """The files in the folder; ``frame``: the rows that the model learned from."""
    path, signature, golden = (folder / name for name in ("model.skops", "signature.json", "golden.json"))
    if "n_jobs" in fitted.learned.get_params():
        # The server bounds its threads by itself, and starting others takes longer than a row.
        fitted.learned.set_params(n_jobs=None)
    canonical_skops.dump(fitted.pipeline, path)
    said = signatures.of_answers(fitted.pipeline, frame.head(signatures.SAMPLE_ROWS), path.name)
    signature.write_text(json_format.MessageToJson(said), encoding="utf-8")
    asked = [spec.name for spec in said.inputs]
    rng = np.random.default_rng(seed)
    drawn = [frame.iloc[rng.integers(0, len(frame), rows)] for rows in goldens.BATCHES]
    cases = [{"inputs": {name: rows[name].to_list() for name in asked}} for rows in drawn]
    golden.write_text(json.dumps({"cases": cases}), encoding="utf-8")
    return Foreign(path, signature=signature, golden=golden)
