"""A cluster is reached for those who name one alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotshelf_store import open_store
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes import parse
from hotshelf_trainer.run import Run
from hotshelf_trainer.scale_out.opening import opened
from hotshelf_trainer.training import train

WITHOUT_DASK = """
import sys
sys.modules["distributed"] = None  # as if it weren't installed
from hotshelf_trainer.errors import ClusterError
from hotshelf_trainer.scale_out.opening import opened
try:
    with opened("tcp://127.0.0.1:8786", 1):
        pass
except ClusterError as error:
    print(error)
"""


def test_without_an_address_there_is_no_cluster() -> None:
    with opened(None, 1) as cluster:
        assert cluster is None


def test_without_dask_the_extra_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DASK],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "hotshelf train --dask needs dask: pip install 'hotshelf[dask]'"


def test_a_task_whose_fits_are_not_fanned_out_refuses_a_cluster(tmp_path: Path) -> None:
    recipe = parse({"name": "made", "task": "clustering", "data": {"builtin": "wine"}}, "test")
    with pytest.raises(RecipeError, match="--dask fans out classification, regression and ranking; task clustering"):
        train(recipe, open_store(tmp_path), "made", Silent(), Run(dask="tcp://127.0.0.1:8786"))
