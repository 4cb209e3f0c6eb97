"""requirements.lock pins all that pyproject.toml asks for; every lock pins by hash, and names no host."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
IMAGES = tuple(f"containers/{name}.lock" for name in ("build", "server", "trainer"))
FILES = ("requirements.lock", "tests/e2e/clients/kserve.lock", *IMAGES)
each = pytest.mark.parametrize("lock", [(ROOT / name).read_text() for name in FILES], ids=FILES)


def locked() -> dict[str, list[str]]:
    """Versions by name; several where Python versions differ."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", LOCK, re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def wanted() -> Iterator[Requirement]:
    project = PROJECT["project"]
    groups = PROJECT["dependency-groups"].values()
    for needs in [project["dependencies"], *project["optional-dependencies"].values(), *groups]:
        yield from (Requirement(need) for need in needs if isinstance(need, str))


@pytest.mark.parametrize("need", [need for need in wanted() if need.name != "hotshelf"], ids=str)
def test_every_requirement_is_locked_within_its_bounds(need: Requirement) -> None:
    versions = locked().get(need.name.lower(), [])
    assert versions, f"{need.name} is missing: make lock"
    assert all(need.specifier.contains(version) for version in versions), f"locked at {versions}: make lock"


@each
def test_every_entry_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@each
def test_lock_names_no_host_and_no_path(lock: str) -> None:
    assert re.findall(r"https?:|file:|--\w*index|--find-links|(?:^|\s)/\S+", lock) == []


@pytest.mark.parametrize("name", IMAGES)
def test_images_hold_the_versions_that_are_tested(name: str) -> None:
    entries = set(re.findall(r"^([a-z0-9.-]+==[^ ;]+)", (ROOT / name).read_text(), re.MULTILINE))
    tested = {f"{package}=={version}" for package, versions in locked().items() for version in versions}
    assert entries
    assert entries - tested == set()


def test_minor_of_grpcio_is_pinned_in_the_lock_alone() -> None:
    (need,) = (need for need in map(Requirement, PROJECT["project"]["dependencies"]) if need.name == "grpcio")
    assert str(need.specifier) == ">=1.81.1"
    assert locked()["grpcio"] == ["1.85.1"]
