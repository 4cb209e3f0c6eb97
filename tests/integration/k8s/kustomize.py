"""Renders folders of k8s/ by kubectl."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

K8S = Path(__file__).parents[3] / "k8s"
COMPONENTS = sorted(path.parent.name for path in (K8S / "components").glob("*/kustomization.yaml"))
OVERLAYS = sorted(path.parent.name for path in (K8S / "overlays").glob("*/kustomization.yaml"))
OLDEST = 5
"""Major version of kustomize: from there on labels are written into templates alone. kubectl has it since 1.27."""


def kubectl() -> str:
    """Its path; skips the test where it is missing or too old."""
    beside = str(Path(sys.executable).parent)  # where a package from PyPI puts one
    if (found := shutil.which("kubectl", path=os.pathsep.join([beside, os.environ["PATH"]]))) is None:
        pytest.skip("no kubectl here")
    told = subprocess.run([found, "version", "--client", "--output=json"], capture_output=True, check=True, timeout=60)
    version = json.loads(told.stdout).get("kustomizeVersion", "v0")
    if int(version.lstrip("v").split(".")[0]) < OLDEST:
        pytest.skip(f"the kustomize of this kubectl is {version}; 1.27 or newer has what is needed")
    return found


def render(folder: Path) -> list[dict[str, Any]]:
    """The manifests that a kustomization makes; fails with what kubectl says."""
    done = subprocess.run([kubectl(), "kustomize", folder], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr  # it warns of what is deprecated
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def render_overlay(name: str) -> list[dict[str, Any]]:
    """An overlay as it is."""
    return render(K8S / "overlays" / name)


def render_with(folder: Path, *components: str) -> list[dict[str, Any]]:
    """The base with these components; ``folder`` takes the kustomization that says so."""
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "hotshelf",
        "resources": [os.path.relpath(K8S / "base", folder.resolve())],
        "components": [os.path.relpath(K8S / "components" / name, folder.resolve()) for name in components],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return render(folder)
