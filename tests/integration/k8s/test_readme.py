"""k8s/README.md says what is so."""

import re
import shlex

import pytest

from tests.integration.k8s.kustomize import COMPONENTS, K8S, OVERLAYS
from tests.integration.k8s.schemas import OLDEST
from tests.integration.k8s.settings import parsed

README = (K8S / "README.md").read_text()
COMMANDS = sorted({line.split("  #")[0].strip() for line in re.findall(r"(?:\$ |-- )(hotshelf [^`\n#]+)", README)})


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_commands_are_understood(command: str) -> None:
    parsed(shlex.split(command)[1:])


def test_every_component_and_overlay_is_listed() -> None:
    listed = set(re.findall(r"^\| `([\w-]+)` \|", README.partition("## Components")[2], re.MULTILINE))
    assert listed == set(COMPONENTS)
    assert set(re.findall(r"^\| `overlays/(\w+)` \|", README, re.MULTILINE)) == set(OVERLAYS)


def test_what_it_points_to_is_there() -> None:
    for path in re.findall(r"\]\((?!#)([^)]+)\)", README) + re.findall(r"-k k8s/(\S+)", README):
        assert (K8S / path).exists(), path


def test_it_names_the_oldest_cluster_that_the_schemas_are_of() -> None:
    assert f"a cluster of {OLDEST} or newer" in README
