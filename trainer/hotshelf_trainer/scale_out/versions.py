"""Whether workers compute as this process does: equal libraries give equal bits."""

from collections.abc import Mapping

SAME_MINOR = ("python", "lightgbm", "scikit-learn", "numpy", "pandas")
"""Libraries whose major and minor version must be ours, as a served bundle demands it, too."""
OURS = "hotshelf"
"""Must be the very version: fits are sent as names of its functions."""
LIBRARIES = (*SAME_MINOR[1:], OURS)

Versions = Mapping[str, str | None]
"""By library; None: not installed as a distribution."""


def differences(here: Versions, workers: Mapping[str, Versions]) -> list[str]:
    """In words: what each worker has otherwise; empty where all is well."""
    return [
        f"{worker} has {name} {_said(there.get(name))}, this process {_said(here.get(name))}"
        for worker, there in sorted(workers.items())
        for name in ("python", *LIBRARIES)
        if _held(name, there.get(name)) != _held(name, here.get(name))
    ]


def _held(name: str, version: str | None) -> str | None:
    """The part of a version that must be the same."""
    return version if version is None or name == OURS else ".".join(version.split(".")[:2])


def _said(version: str | None) -> str:
    return "missing" if version is None else version
