"""A skops file tells what was learned, and nothing of the process that wrote it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import scipy.sparse
import skops.io
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hotshelf_trainer.canonical_skops import canonical

RNG = np.random.default_rng(5)
ROWS = RNG.normal(size=(60, 3))
KINDS = np.array(["high", "low"], dtype=object)[(ROWS[:, 0] > 0).astype(int)]

WRITES = """
import sys
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from hotshelf_trainer.canonical_skops import dump
rows = np.random.default_rng(3).normal(size=(40, 2))
from pathlib import Path
dump(RandomForestClassifier(3, random_state=0, n_jobs=1).fit(rows, rows[:, 0] > 0), Path(sys.argv[1]))
"""


def members(content: bytes) -> list[str]:
    with ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


def forest() -> BaseEstimator:
    return RandomForestClassifier(3, random_state=0).fit(ROWS, KINDS)


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(3, random_state=0),
        HistGradientBoostingClassifier(max_iter=3, random_state=0),
        make_pipeline(
            ColumnTransformer([("numbers", make_pipeline(StandardScaler()), [0, 2])]), LogisticRegression(C=0.5)
        ),
    ],
    ids=["forest", "histogram", "pipeline"],
)
def test_the_canonical_file_predicts_the_same_and_two_fits_give_one_file(estimator: BaseEstimator) -> None:
    files = [canonical(skops.io.dumps(estimator.fit(ROWS, KINDS))) for _ in range(2)]
    assert files[0] == files[1]
    trusted = skops.io.get_untrusted_types(data=files[0])
    again = skops.io.loads(files[0], trusted=trusted)
    np.testing.assert_array_equal(again.predict_proba(ROWS), estimator.predict_proba(ROWS))


def test_the_process_that_writes_leaves_no_trace(tmp_path: Path) -> None:
    for number in (1, 2):
        environment = {**os.environ, "PYTHONHASHSEED": str(number)}
        # The tests' own code, in another interpreter.
        subprocess.run([sys.executable, "-c", WRITES, str(tmp_path / str(number))], env=environment, check=True)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_another_model_is_another_file() -> None:
    other = RandomForestClassifier(3, random_state=1).fit(ROWS, KINDS)
    assert canonical(skops.io.dumps(forest())) != canonical(skops.io.dumps(other))


def test_the_canonical_file_of_a_canonical_file_is_itself() -> None:
    once = canonical(skops.io.dumps(forest()))
    assert canonical(once) == once


def test_an_array_that_two_parts_share_is_written_once_and_stays_shared() -> None:
    model = Ridge().fit(ROWS, ROWS[:, 0])
    alone = len(members(canonical(skops.io.dumps(model))))
    model.also_ = model.coef_
    content = canonical(skops.io.dumps(model))
    assert len(members(content)) == alone
    np.testing.assert_array_equal(skops.io.loads(content).also_, model.coef_)


def test_sparse_arrays_carry_no_date() -> None:
    model = Ridge().fit(ROWS, ROWS[:, 0])
    model.sparse_coef_ = scipy.sparse.csr_matrix([[0.0, 1.0]])
    content = canonical(skops.io.dumps(model))
    with ZipFile(io.BytesIO(content)) as archive:
        inner = next(name for name in archive.namelist() if name.endswith(".npz"))
        dates = {member.date_time for member in ZipFile(io.BytesIO(archive.read(inner))).infolist()}
        assert json.loads(archive.read("schema.json"))["__class__"] == "Ridge"
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    trusted = skops.io.get_untrusted_types(data=content)
    assert skops.io.loads(content, trusted=trusted).sparse_coef_.toarray().tolist() == [[0.0, 1.0]]
