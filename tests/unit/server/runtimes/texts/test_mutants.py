"""Whoever spoils a text, and however, LightGBM survives what passes the check."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_server.models.warm_process import ONE_THREAD
from hotshelf_server.runtimes.texts.check import check_text
from hotshelf_server.runtimes.trees.errors import Broken
from tests.fakes.boosters import linear_text, model_text
from tests.unit.server.runtimes.texts.mutants import mutant
from tests.unit.server.runtimes.texts.survivor import pack

KINDS = ("binary", "multiclass", "categories", "one leaf", "stumps", "random forest of classes")
MUTANTS = 400
SECONDS = 60


def passes(text: bytes) -> bool:
    try:
        check_text(text)
    except Broken:
        return False
    return True


def survived(texts: list[bytes]) -> int:
    """How many of them a child loaded and asked, or saw refused, before it ended or died."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "texts"
        path.write_bytes(pack(texts))
        child = subprocess.run(
            [sys.executable, "-m", "tests.unit.server.runtimes.texts.survivor", str(path)],
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env={**os.environ, **ONE_THREAD},
        )
    return len(child.stdout.split())


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 2**32))
def test_lightgbm_survives_every_mutant_that_passes(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - no secret
    bases = [*map(model_text, KINDS), linear_text()]
    mutants = [mutant(random, random.choice(bases)) for _ in range(MUTANTS)]
    passing = [text for text in mutants if passes(text)]
    assert survived(passing) == len(passing)
