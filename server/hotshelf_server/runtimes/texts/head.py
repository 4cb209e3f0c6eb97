"""The head of a LightGBM model text: what it says of the whole model, as LightGBM's reader understands it.

Source: ``GBDT::LoadModelFromString`` in LightGBM's ``src/boosting/gbdt_model_text.cpp``, and the constructors of
``src/objective``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.errors import Broken

NUMBER = re.compile(rb"\d{1,9}")
LINE = re.compile(rb"\w+(?:=.*)?")
WORDS = re.compile(rb"\w+(?: \w+(?::[-+.\w]+)?)*")
CLASSES = b"num_class:"
PLACES = re.compile(rb"\d{1,18}(?: \d{1,18})*")


@dataclass(frozen=True, slots=True)
class Said:
    """``features``: columns of a row; ``outputs``: numbers that each row gets; ``trees``: those of all classes."""

    features: int
    outputs: int
    trees: int


def read_head(head: bytes, places: npt.NDArray[np.int64]) -> Said:
    """What the lines before the first tree say, where the trees are at ``places``. Raises `Broken`."""
    pairs = _pairs(head)
    said = Said(_number(pairs, "max_feature_idx") + 1, _number(pairs, "num_tree_per_iteration"), len(places) - 1)
    _check_classes(pairs, said)
    for key in ("feature_names", "feature_infos"):
        found = sum(map(bool, pairs.get(key, b"").split(b" ")))
        if found != said.features:
            raise Broken(f"{key} has {found} words, expected {said.features}: max_feature_idx and one more")
    if "tree_sizes" in pairs:
        _check_sizes(pairs["tree_sizes"], places)
    return said


def _pairs(head: bytes) -> Mapping[str, bytes]:
    """LightGBM takes the last line of a key, and what is between the first two ``=`` that have something between them:
    here no key comes twice, and no value that is read as a number, a list of them or an objective begins with one."""
    if not head.startswith(b"tree\n"):
        raise Broken(f"the text begins with {head[:20]!r}, expected a line 'tree'")
    pairs: dict[str, bytes] = {}
    for line in head.split(b"\n"):
        if line and (not LINE.fullmatch(line) or b"\r" in line):
            raise Broken(f"the head has a line {line[:40]!r}, expected KEY=VALUE")
        key, _, value = line.partition(b"=")
        if line and key.decode() in pairs:
            raise Broken(f"the head says {key.decode()} twice, expected once")
        pairs[key.decode()] = value
    return pairs


def _number(pairs: Mapping[str, bytes], key: str) -> int:
    found = pairs.get(key, b"")
    if not NUMBER.fullmatch(found):
        raise Broken(f"{key} is {found[:40]!r}, expected a whole number of at most 9 digits")
    return int(found)


def _check_classes(pairs: Mapping[str, bytes], said: Said) -> None:
    """LightGBM writes as many scores a row as the text says there are classes, in one place or the other, and leaves of
    whole iterations: where that isn't what there is room for, it writes over whatever lies behind."""
    classes = {_number(pairs, "num_class"), *_classes_of_objective(pairs)}
    if said.outputs < 1 or classes != {said.outputs}:
        raise Broken(f"the text says {sorted(classes)} classes, expected {said.outputs}: the trees an iteration")
    if said.trees % said.outputs:
        raise Broken(f"the text has {said.trees} trees, expected a multiple of {said.outputs}")


def _classes_of_objective(pairs: Mapping[str, bytes]) -> set[int]:
    words = pairs.get("objective", b"custom")
    if not WORDS.fullmatch(words):
        raise Broken(f"objective is {words[:80]!r}, expected a name, and words such as sigmoid:1")
    numbers = [word.removeprefix(CLASSES) for word in words.split(b" ") if word.startswith(CLASSES)]
    return {int(number) if NUMBER.fullmatch(number) else -1 for number in numbers}


def _check_sizes(said: bytes, places: npt.NDArray[np.int64]) -> None:
    """By these sizes LightGBM finds the trees, to read several at once."""
    if not PLACES.fullmatch(said):
        raise Broken(f"tree_sizes is {said[:40]!r}, expected whole numbers with single spaces between them")
    sizes = np.array(said.split(b" ")).astype(np.int64)
    expected = np.diff(places)
    if len(sizes) != len(expected):
        raise Broken(f"tree_sizes has {len(sizes)} numbers, expected {len(expected)}: one for each tree")
    wrong = np.flatnonzero(sizes != expected)
    if wrong.size:
        raise Broken(f"tree_sizes says {sizes[wrong[0]]} bytes of tree {wrong[0]}, which has {expected[wrong[0]]}")
