"""A bundle runs on the libraries that made it, or not at all, unless an operator says otherwise."""

import json
from contextlib import closing, suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.models.source import Bundle
from hotshelf_server.models.trial import Trial
from hotshelf_server.models.warm_process import TRIAL_COMMAND, WarmProcess
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_server.runtimes.libraries import require_same
from tests.fakes.bundles import lightgbm_bundle

HERE = version("lightgbm")
MAJOR, MINOR = map(int, HERE.split(".")[:2])


@pytest.mark.parametrize("said", [f"{MAJOR}.{MINOR + 1}.0", f"{MAJOR + 1}.{MINOR}.0", f"{MAJOR - 1}.{MINOR}", "0.1rc1"])
def test_another_minor_or_major_is_refused_by_name_and_with_the_way_out(tmp_path: Path, said: str) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.library_versions["lightgbm"] = said
    with pytest.raises(BadBundle, match=rf"made with lightgbm {said}, here runs {HERE}: .*allow_library_drift"):
        load(tmp_path, manifest, RuntimePolicy())


def test_an_operator_may_allow_the_difference(tmp_path: Path) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.library_versions["lightgbm"] = "1.0.0"
    load(tmp_path, manifest, RuntimePolicy(allow_library_drift=True))


@pytest.mark.parametrize("said", [HERE, f"{MAJOR}.{MINOR}.99", f"{MAJOR}.{MINOR}", "unknown", ""])
def test_the_same_minor_and_versions_that_nobody_knows_are_taken(tmp_path: Path, said: str) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.library_versions["lightgbm"] = said
    load(tmp_path, manifest, RuntimePolicy())


def test_libraries_that_the_runtime_does_not_name_may_differ(tmp_path: Path) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.library_versions["numpy"] = "1.0.0"
    manifest.library_versions["no-such-library"] = "1.0.0"
    load(tmp_path, manifest, RuntimePolicy())


def test_a_library_that_is_not_installed_by_that_name_is_taken() -> None:
    require_same({"no-such-library": "1.2.3"}, ["no-such-library"], allow_drift=False)


@given(said=st.text())
def test_whatever_a_manifest_says_is_taken_or_refused_as_a_bad_bundle(said: str) -> None:
    with suppress(BadBundle):
        require_same({"lightgbm": said}, ["lightgbm"], allow_drift=False)
    require_same({"lightgbm": said}, ["lightgbm"], allow_drift=True)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_trial_of_a_bundle_holds_to_what_the_operator_said(tmp_path: Path, allowed: bool) -> None:
    manifest = lightgbm_bundle(tmp_path)
    manifest.format_version = 1
    manifest.library_versions["lightgbm"] = "1.0.0"
    limits = {"policy": asdict(RuntimePolicy(allow_library_drift=allowed)), "memory_bytes": 8 << 30}
    assert json.loads(json.dumps(limits))["policy"]["allow_library_drift"] is allowed
    with closing(WarmProcess(TRIAL_COMMAND, {})) as process:
        trial = Trial(process, 120.0, limits)
        if allowed:
            trial(Bundle(tmp_path, manifest))
        else:
            with pytest.raises(BadBundle, match=r"made with lightgbm 1\.0\.0"):
                trial(Bundle(tmp_path, manifest))
