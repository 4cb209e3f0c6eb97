"""LightGBM models in skops files are checked as others are, and nobody may hide a text from the check."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import lightgbm
import numpy as np
import pytest
import skops.io
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.runtimes import RuntimePolicy
from hotshelf_server.runtimes.sklearn import load_trusted
from tests.fakes.bundles import ROWS


@cache
def classifier() -> Any:
    model = lightgbm.LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1, n_jobs=1)
    return make_pipeline(StandardScaler().set_output(transform="pandas"), model).fit(ROWS, ROWS[:, 0] > 0.5)


def saved(folder: Path, spoil: Callable[[Any], None]) -> Path:
    """A skops file whose schema was changed, and the Booster's node given to what changes it."""
    path = folder / "model.skops"
    skops.io.dump(classifier(), path)
    with ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(files["schema.json"])
    spoil(schema)
    files["schema.json"] = json.dumps(schema).encode()
    with ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def booster(node: Any) -> Any:
    """The Booster's node under another one."""
    if isinstance(node, dict):
        if node.get("__class__") == "Booster":
            return node
        node = list(node.values())
    return next(filter(None, map(booster, node)), None) if isinstance(node, list) else None


def text_of(schema: Any) -> Any:
    return booster(schema)["content"]["content"]["_handle"]


def misled(text: str) -> str:
    return re.sub(r"^left_child=\S+", "left_child=0", re.sub(r"\ntree_sizes=.*", "", text), flags=re.MULTILINE)


def mislead(schema: Any) -> None:
    text_of(schema)["content"] = json.dumps(misled(json.loads(text_of(schema)["content"])))


def borrow_text(schema: Any) -> None:
    """Let an earlier object be the text, and show a good one."""
    other = {**text_of(schema)}
    mislead(schema)
    hostile = {**text_of(schema)}
    text_of(schema).update(other)
    schema["content"]["content"] = {"hidden": hostile, **schema["content"]["content"]}
    types = schema["content"]["key_types"]["content"]
    types.insert(0, types[0])


def borrow_state(schema: Any) -> None:
    booster(schema)["content"]["__id__"] = schema["content"]["__id__"]


def rename_text(schema: Any) -> None:
    content = booster(schema)["content"]["content"]
    content["handle"] = content.pop("_handle")


def other_loader(schema: Any) -> None:
    text_of(schema)["__loader__"] = "TypeNode"


def number(schema: Any) -> None:
    text_of(schema)["content"] = "12"


def other_keys(schema: Any) -> None:
    booster(schema)["content"]["key_types"]["content"][0]["__class__"] = "int"


def cut_keys(schema: Any) -> None:
    """skops takes as many values as there are types of keys, and LightGBM an older key where the text's is absent."""
    good = {**text_of(schema)}
    mislead(schema)
    state = booster(schema)["content"]
    state["content"] = {"handle": {**text_of(schema), "__id__": 1}, **state["content"], "_handle": good}
    del state["key_types"]["content"][1:]


def call(schema: Any) -> None:
    booster(schema)["__loader__"] = "DictNode"
    booster(schema).update(booster(schema)["content"], __class__="Booster", __module__="lightgbm.basic")


def test_what_skops_writes_is_taken(tmp_path: Path) -> None:
    found = load_trusted(saved(tmp_path, lambda schema: None), RuntimePolicy())
    np.testing.assert_array_equal(found.predict_proba(ROWS), classifier().predict_proba(ROWS))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (mislead, "tree 0: node 0 is a child 1 times, expected 0"),
        (borrow_text, "a Booster's state has the id of another object"),
        (borrow_state, "a Booster's state has the id of another object"),
        (rename_text, "a Booster's state has no _handle"),
        (other_loader, "a TypeNode of builtins.str, expected JsonNode of builtins.str"),
        (number, "a Booster's _handle is of type int, expected its text"),
        (cut_keys, r"a Booster's state has 1 types of keys, expected \d+"),
        (other_keys, "a TypeNode of builtins.int, expected TypeNode of builtins.str"),
        (call, "a DictNode of lightgbm.basic.Booster, expected ObjectNode"),
    ],
)
def test_a_text_that_would_mislead_lightgbm_is_refused_wherever_it_hides(
    tmp_path: Path, spoil: Callable[[Any], None], reason: str
) -> None:
    with pytest.raises(BadBundle, match=rf"model\.skops can't be loaded: Broken: .*{reason}"):
        load_trusted(saved(tmp_path, spoil), RuntimePolicy())
