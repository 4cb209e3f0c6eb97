"""Versions of a model that differ in what they answer, good ones and bad ones of every kind."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd
from pathlib import Path

import lightgbm
import numpy as np

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_store import Manifest, Signature, Store, TensorSpec, open_store
from hotshelf_store.golden import Golden, GoldenCase, write
from hotshelf_store.local import LocalBackend

STRIDE = 37
"""Trees from one version to the next, around the clock of those that there may be."""

ROWS = 4
"""Of each call."""

WATCHED = "watched"
"""The alias that keeps every bad version wanted, so that it is tried again."""


@dataclass(frozen=True)
class Forest:
    """LightGBM models of one training with different numbers of trees, so that each answers otherwise."""

    features: int
    leaves: int
    least: int
    most: int

    @cached_property
    def rows(self) -> np.ndarray:
        """What is asked."""
        return np.random.default_rng(0).random((ROWS, self.features))

    @cached_property
    def _booster(self) -> lightgbm.Booster:
        rows = np.random.default_rng(1).random((self.leaves * 40, self.features))
        target = np.sin(rows * 9).sum(axis=1)
        parameters = {"num_leaves": self.leaves, "num_threads": 1, "verbose": -1, "min_data_in_leaf": 2}
        return lightgbm.train(parameters, lightgbm.Dataset(rows, target), self.most)

    @property
    def body(self) -> bytes:
        """The request, but for the model's name."""
        request = pb.ModelInferRequest()
        request.inputs.add(name="input", datatype="FP64", shape=self.rows.shape)
        request.raw_input_contents.append(self.rows.tobytes())
        return request.SerializeToString()

    def answer(self, number: int) -> np.ndarray:
        """What a version says."""
        return np.asarray(self._booster.predict(self.rows, num_iteration=self._trees(number), num_threads=1))

    def bundle(self, folder: Path, number: int, *, spoiled_golden: bool = False) -> Manifest:
        """Write a version's files; returns its manifest."""
        folder.mkdir(parents=True)
        self._booster.save_model(folder / "model.txt", num_iteration=self._trees(number))
        case = GoldenCase({"input": self.rows}, {"prediction": self.answer(number) + spoiled_golden})
        return Manifest(runtime="lightgbm", signature=self.signature, golden=write(folder, Golden((case,))))

    @property
    def signature(self) -> Signature:
        """The same for all versions."""
        return Signature(
            inputs=[TensorSpec(name="input", datatype="FP64", shape=[-1, self.features])],
            outputs=[TensorSpec(name="prediction", datatype="FP64", shape=[-1])],
        )

    def _trees(self, number: int) -> int:
        """Up and down: later versions must not be larger, or take more memory."""
        choices = self.most - self.least
        assert number < choices
        assert gcd(STRIDE, choices) == 1, "or two versions would be the same"
        return self.least + number * STRIDE % choices


class SpoilingBackend(LocalBackend):
    """Spoils a version's files in the moment before it appears: no server sees them whole."""

    def __init__(self, root: Path, spoil: Callable[[Path], None]) -> None:
        super().__init__(root)
        self._spoil = spoil

    def create(self, key: str, data: bytes) -> None:
        if key.endswith("manifest.json"):
            said = json.loads(data)
            self._spoil(self.directory(f"{said['model']}/files/{said['publish_id']}"))
        super().create(key, data)


def corrupt(folder: Path) -> None:
    """Flip a bit."""
    file = folder / "model.txt"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def lock(folder: Path) -> None:
    """Let nobody read it; root may read what others may not, but not a link to itself."""
    for file in list(folder.iterdir()):
        file.unlink()
        file.symlink_to(file)
    folder.chmod(0)


def mislead(folder: Path) -> None:
    """Make a model in whose trees LightGBM would walk for ever."""
    file = folder / "model.txt"
    text = re.sub(r"^tree_sizes=.*\n", "", file.read_text(), flags=re.MULTILINE)
    file.write_text(re.sub(r"^left_child=\S+", "left_child=0", text, flags=re.MULTILINE))


def leave(folder: Path) -> None:
    """Leave it as it is."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A kind of bad version: what the server says of it, and what is bad: what happened to its files after they were
    published or before, its golden answers, or the class that it runs. ``quick``: it fails at once."""

    words: str
    spoil: Callable[[Path], None] = leave
    made: Callable[[Path], None] = leave
    spoiled_golden: bool = False
    python: str = ""
    quick: bool = True


KINDS: Mapping[str, Bad] = {
    "corrupt file": Bad("expected sha256", spoil=corrupt),
    "failing golden": Bad("golden case 0", spoiled_golden=True),
    "endless trees": Bad("node 0 is a child 1 times, expected 0", made=mislead),
    "SIGSEGV in load": Bad("died while it loaded (exit code -11)", python="DiesInLoad"),
    "os._exit in load": Bad("died while it loaded (exit code 7)", python="ExitsInLoad"),
    "endless load": Bad("took longer than", python="HangsInLoad", quick=False),
    "slow load": Bad("took longer than", python="SlowInLoad", quick=False),
    "unreadable directory": Bad("", spoil=lock),
}


@dataclass
class Publisher:
    """Publishes versions of one model as champions, and knows what each of them must answer."""

    root: Path
    scratch: Path
    model: str
    forest: Forest
    answers: dict[int, bytes] = field(default_factory=dict)
    bad: dict[int, str] = field(default_factory=dict)
    """Kinds by version."""

    def good(self) -> int:
        """Publish the next good version."""
        number = self._next()
        folder = self.scratch / f"{self.model}-{number}"
        version = self._champion(open_store(self.root), folder, self.forest.bundle(folder, number))
        self.answers[version] = self.forest.answer(number).tobytes()
        return version

    def publish_bad(self, kind: str) -> int:
        """Publish a version of a bad kind, and keep it wanted for good."""
        what, number = KINDS[kind], self._next()
        folder = self.scratch / f"{self.model}-{number}"
        manifest = self.forest.bundle(folder, number, spoiled_golden=what.spoiled_golden)
        what.made(folder)
        if what.python:
            manifest.runtime = "python"
            manifest.runtime_options["entrypoint"] = f"tests.fakes.python_models:{what.python}"
            manifest.ClearField("golden")
        store = Store(SpoilingBackend(self.root, what.spoil))
        version = self._champion(store, folder, manifest)
        self.bad[version] = kind
        store.set_alias(self.model, WATCHED, dict.fromkeys(self.bad, 1), reason="test")
        return version

    def forget_bad(self) -> None:
        """Want no bad version any more."""
        champion = max(self.answers)
        open_store(self.root).set_alias(self.model, WATCHED, {champion: 100}, reason="test")

    def _next(self) -> int:
        return len(self.answers) + len(self.bad) + 1

    def _champion(self, store: Store, folder: Path, manifest: Manifest) -> int:
        version = store.publish(self.model, folder, manifest)
        store.promote(self.model, version, reason="test", force=True)
        return version
