"""A model that was trained elsewhere is proved in the runtime that will serve it, and published."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from hotshelf_cli.commands import GROUP
from hotshelf_cli.main import main
from hotshelf_server.runtimes import RuntimePolicy, load, replay
from hotshelf_store import CANDIDATE, CHAMPION, Manifest, Store, golden, lead, open_store
from hotshelf_store.bundle import write_manifest

COMMANDS = {"publish": EntryPoint("publish", "hotshelf_trainer.foreign.command:Publish", GROUP)}
MODULE = "tests.fakes.foreign_models"


@dataclass
class Run:
    """How the command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def publish(store_folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    def run(*arguments: object, name: str = "m") -> Run:
        given = ["publish", *map(str, arguments), "--name", name, "--store", str(store_folder)]
        status = main(given, COMMANDS)
        shown = capsys.readouterr()
        return Run(status, shown.out, shown.err)

    return run


def signature(manifest: Manifest) -> dict[str, tuple[str, list[int]]]:
    tensors = [*manifest.signature.inputs, *manifest.signature.outputs]
    return {spec.name: (spec.datatype, list(spec.shape)) for spec in tensors}


def proved(store: Store, version: int = 1, policy: RuntimePolicy | None = None) -> golden.Golden:
    """The golden requests of a published version, after it has answered them as recorded."""
    manifest = store.manifest("m", version)
    store.verify("m", version)
    files = store.files("m", version)
    found = golden.read(files / manifest.golden.path)
    servable = load(files, manifest, policy or RuntimePolicy())
    replay(servable, found)
    servable.close()
    return found


def test_lightgbm_text_model_tells_its_signature(publish: Callable[..., Run], store: Store, booster_file: Path) -> None:
    assert publish(booster_file).out == "published m version 1: candidate is version 1, champion is version 1\n"
    manifest = store.manifest("m", 1)
    assert manifest.runtime == "lightgbm"
    assert signature(manifest) == {"input": ("FP64", [-1, 4]), "prediction": ("FP64", [-1])}
    assert set(manifest.library_versions) == {"lightgbm"}
    assert "@" in manifest.author
    found = proved(store)
    assert [len(case.inputs["input"]) for case in found.cases] == [1, 2, 7, 32]
    assert (found.relative_tolerance, found.absolute_tolerance) == (0, 0)


def test_onnx_graph_tells_its_signature(publish: Callable[..., Run], store: Store, onnx_file: Path) -> None:
    assert publish(onnx_file).status == 0
    assert signature(store.manifest("m", 1)) == {"x": ("FP32", [-1, 4]), "y": ("FP32", [-1, 4])}
    assert proved(store).relative_tolerance > 0


def test_classifier_gives_labels_and_probabilities(publish: Callable[..., Run], store: Store, skops_file: Path) -> None:
    assert publish(skops_file).status == 0
    assert signature(store.manifest("m", 1)) == {
        "input": ("FP64", [-1, 4]),
        "predict": ("BYTES", [-1]),
        "predict_proba": ("FP64", [-1, 2]),
    }
    assert set(proved(store).cases[0].outputs["predict"]) <= {b"yes", b"no"}


@pytest.mark.parametrize(
    ("estimator", "outputs"),
    [
        (LinearRegression(), {"predict": ("FP64", [-1])}),
        (StandardScaler(), {"transform": ("FP64", [-1, 4])}),
        (KMeans(3, n_init=1), {"predict": ("INT32", [-1]), "transform": ("FP64", [-1, 3])}),
        (IsolationForest(n_estimators=3), {"predict": ("INT64", [-1]), "decision_function": ("FP64", [-1])}),
    ],
    ids=["regressor", "transformer", "clusterer", "detector"],
)
def test_estimator_gives_what_its_kind_is_asked_for(
    publish: Callable[..., Run], store: Store, tmp_path: Path, estimator: Any, outputs: Any
) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4))
    skops.io.dump(estimator.fit(rows, rows[:, 0]), tmp_path / "e.skops")
    run = publish(tmp_path / "e.skops")
    assert run.status == 0, run.err
    assert signature(store.manifest("m", 1)) == {"input": ("FP64", [-1, 4]), **outputs}


def test_named_columns_become_inputs(publish: Callable[..., Run], store: Store, tmp_path: Path) -> None:
    table = pd.DataFrame({"age": [1.0, 2.0, 3.0], "income": [3.0, 1.0, 2.0]})
    skops.io.dump(LinearRegression().fit(table, [1.0, 2.0, 3.0]), tmp_path / "e.skops")
    assert publish(tmp_path / "e.skops").status == 0
    assert signature(store.manifest("m", 1)) == {
        "age": ("FP64", [-1]),
        "income": ("FP64", [-1]),
        "predict": ("FP64", [-1]),
    }


@pytest.fixture
def scaler(tmp_path: Path) -> list[object]:
    """The arguments for the class Scaler."""
    (tmp_path / "scaler").mkdir()
    (tmp_path / "scaler" / "factor.json").write_text("2.5")
    (tmp_path / "signature.yaml").write_text(
        "inputs: [{name: x, datatype: FP32, shape: [-1]}]\noutputs: [{name: y, datatype: FP32, shape: [-1]}]\n"
    )
    entrypoint = ["--entrypoint", f"{MODULE}:Scaler"]
    return [tmp_path / "scaler", *entrypoint, "--signature", tmp_path / "signature.yaml"]


def test_python_class_is_published_with_its_files(
    publish: Callable[..., Run], store: Store, scaler: list[object]
) -> None:
    run = publish(*scaler, "--description", "scales")
    assert run.status == 0, run.err
    manifest = store.manifest("m", 1)
    assert (manifest.runtime, manifest.description) == ("python", "scales")
    assert manifest.runtime_options["entrypoint"] == f"{MODULE}:Scaler"
    assert [file.path for file in manifest.files] == ["factor.json", "golden.binpb"]
    proved(store, policy=RuntimePolicy(python_modules=(MODULE,)))


def test_python_class_needs_a_signature(publish: Callable[..., Run], scaler: list[object]) -> None:
    run = publish(*scaler[:3])
    assert run.status == 1
    assert "doesn't tell its signature; give it with --signature FILE" in run.err


def test_model_that_answers_differently_each_time_is_refused(
    publish: Callable[..., Run], store: Store, scaler: list[object]
) -> None:
    scaler[2] = f"{MODULE}:Dice"
    run = publish(*scaler)
    assert run.status == 1
    assert "doesn't answer the same request alike: golden case 0: output 'y'" in run.err
    assert store.models() == []


def test_golden_file_gives_the_requests(
    publish: Callable[..., Run], store: Store, tmp_path: Path, onnx_file: Path
) -> None:
    case = {"inputs": {"x": [[1, 1, 1, 1]]}, "outputs": {"y": [[1, 2, 3, 4]]}}
    (tmp_path / "golden.json").write_text(json.dumps({"cases": [case], "absolute_tolerance": 0.5}))
    assert publish(onnx_file, "--golden", tmp_path / "golden.json").status == 0
    found = proved(store)
    assert found.cases[0].outputs["y"].tolist() == [[1, 2, 3, 4]]
    assert found.absolute_tolerance == 0.5


def test_model_that_does_not_answer_its_golden_file_is_refused(
    publish: Callable[..., Run], store: Store, tmp_path: Path, onnx_file: Path
) -> None:
    case = {"inputs": {"x": [[1, 1, 1, 1]]}, "outputs": {"y": [[1, 2, 3, 5]]}}
    (tmp_path / "golden.json").write_text(json.dumps({"cases": [case]}))
    run = publish(onnx_file, "--golden", tmp_path / "golden.json")
    assert run.status == 1
    assert "golden case 0: output 'y': element [0, 3] is" in run.err
    assert store.models() == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "content: Invalid JSON"),
        ('{"cases": []}', "cases: List should have at least 1 item"),
        ('{"cases": [{"input": {}}]}', "cases.0.inputs: Field required"),
        ('{"cases": [{"inputs": {"z": [1]}}]}', "case 0: input 'z' is not in the signature; expected x"),
        ('{"cases": [{"inputs": {"x": [["a"]]}}]}', "case 0: input 'x': expected FP32: could not convert"),
        ('{"cases": [{"inputs": {"x": [[1]]}}]}', "input 'x': shape [1, 1], expected [-1, 4]"),
    ],
)
def test_bad_golden_file_is_told_where(
    publish: Callable[..., Run], tmp_path: Path, onnx_file: Path, content: str, message: str
) -> None:
    (tmp_path / "golden.json").write_text(content)
    run = publish(onnx_file, "--golden", tmp_path / "golden.json")
    assert run.status == 1
    assert message in run.err


def test_signature_file_overrules_what_the_model_tells(
    publish: Callable[..., Run], store: Store, tmp_path: Path, booster_file: Path
) -> None:
    (tmp_path / "s.json").write_text(
        json.dumps(
            {
                "inputs": [{"name": "input", "datatype": "FP32", "shape": [-1, 4]}],
                "outputs": [{"name": "raw_score", "datatype": "FP64", "shape": [-1]}],
            }
        )
    )
    assert publish(booster_file, "--signature", tmp_path / "s.json").status == 0
    assert signature(store.manifest("m", 1)) == {"input": ("FP32", [-1, 4]), "raw_score": ("FP64", [-1])}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("inputs: [", "expected inputs and outputs"),
        ("- x", "expected inputs and outputs"),
        ("inputs: [{nam: x}]", 'no field named "nam"'),
        ("inputs: [{name: x, datatype: FP32, shape: [-1, 4]}]", "expected outputs with names of their own, found []"),
        (
            "inputs: [{name: x, datatype: FP8, shape: [-1]}]\noutputs: [{name: y, datatype: FP32, shape: [-1]}]",
            "tensor 'x': datatype 'FP8', expected one of BOOL",
        ),
        (
            "inputs: [{name: x, datatype: FP32, shape: [-1, 5]}]\noutputs: [{name: y, datatype: FP32, shape: [-1, 4]}]",
            "signature says",
        ),
    ],
)
def test_bad_signature_file_is_told(
    publish: Callable[..., Run], tmp_path: Path, onnx_file: Path, content: str, message: str
) -> None:
    (tmp_path / "s.yaml").write_text(content)
    run = publish(onnx_file, "--signature", tmp_path / "s.yaml")
    assert run.status == 1
    assert message in run.err


def test_bundle_is_published_as_it_is(publish: Callable[..., Run], store: Store, booster_file: Path) -> None:
    publish(booster_file)
    source = store.files("m", 1)
    write_manifest(source, store.manifest("m", 1))
    assert publish(source).status == 0
    assert store.manifest("m", 2).golden == store.manifest("m", 1).golden
    proved(store, 2)


def test_broken_bundle_is_refused_by_the_file(publish: Callable[..., Run], store: Store, booster_file: Path) -> None:
    publish(booster_file)
    source = store.files("m", 1)
    write_manifest(source, store.manifest("m", 1))
    (source / "model.txt").write_text("tree\n")
    run = publish(source)
    assert run.status == 1
    assert "model.txt: expected sha256" in run.err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.onnx", None, "does not exist; expected a model's file or folder"),
        ("model.pkl", b"\x80\x04", "is a pickle, which can run any code when it is loaded; save it with skops.io.dump"),
        ("model.bin", b"?", "is neither a LightGBM text model nor a .onnx or .skops file"),
        ("model.txt", b"tree\nbroken", "model.txt is no LightGBM text model"),
        ("model.onnx", b"broken", "model.onnx is no ONNX model"),
        ("model.skops", b"broken", "model.skops can't be loaded"),
    ],
)
def test_file_that_is_no_model_is_refused(
    publish: Callable[..., Run], tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    run = publish(tmp_path / name)
    assert run.status == 1
    assert message in run.err
    assert run.err.count("\n") == 1
    assert open_store(tmp_path / "store").models() == []


def test_folder_that_is_no_bundle_is_refused(publish: Callable[..., Run], tmp_path: Path) -> None:
    run = publish(tmp_path)
    assert run.status == 1
    assert "is no bundle: expected manifest.json, or one of model.txt, model.onnx, model.skops" in run.err


def test_entrypoint_goes_with_runtime_python_alone(publish: Callable[..., Run], booster_file: Path) -> None:
    for arguments in (["--runtime", "lightgbm", "--entrypoint", "a:B"], ["--runtime", "python"]):
        run = publish(booster_file, *arguments)
        assert run.status == 1
        assert "--entrypoint module:Class goes with runtime python" in run.err


def test_later_version_is_candidate_until_it_is_forced(
    publish: Callable[..., Run], store: Store, booster_file: Path
) -> None:
    publish(booster_file)
    assert publish(booster_file).out == "published m version 2: candidate is version 2, champion is version 1\n"
    refused = publish(booster_file, "--promote")
    assert refused.status == 3
    assert "version 3 is published, but was not promoted" in refused.err
    assert publish(booster_file, "--promote", "--force", "--reason", "urgent").status == 0
    revision = store.aliases("m")
    assert (lead(revision, CHAMPION), lead(revision, CANDIDATE)) == (4, 4)
    assert (revision.reason, revision.forced) == ("urgent", True)


@pytest.mark.parametrize("arguments", [["--force"], ["--promote", "--force"], ["--force", "--reason", "r"]])
def test_force_needs_promote_and_a_reason(
    publish: Callable[..., Run], booster_file: Path, arguments: list[str]
) -> None:
    run = publish(booster_file, *arguments)
    assert run.status == 2
    assert "--force goes with --promote and --reason" in run.err


def test_store_that_does_not_exist_is_named(tmp_path: Path, booster_file: Path, capsys: Any) -> None:
    arguments = [str(booster_file), "--name", "m", "--store", str(tmp_path / "nowhere")]
    assert main(["publish", *arguments], COMMANDS) == 1
    assert str(tmp_path / "nowhere") in capsys.readouterr().err


def test_bad_name_is_told(publish: Callable[..., Run], booster_file: Path) -> None:
    run = publish(booster_file, name="a/b")
    assert run.status == 1
    assert "model name 'a/b': expected" in run.err


def test_source_files_are_left_alone(publish: Callable[..., Run], onnx_file: Path) -> None:
    before = sorted(onnx_file.parent.iterdir())
    publish(onnx_file)
    assert sorted(onnx_file.parent.iterdir()) == before


def test_store_reopened_knows_the_version(publish: Callable[..., Run], tmp_path: Path, booster_file: Path) -> None:
    publish(booster_file)
    assert open_store(tmp_path / "store").models() == ["m"]
