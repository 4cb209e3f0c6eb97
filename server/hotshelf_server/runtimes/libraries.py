"""Holds the libraries that made a bundle to those that would run it.

A new minor version of a library may compute the same model otherwise, or misread it without a word. A patch may not.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from hotshelf_server.core.errors import BadBundle


def require_same(made_with: Mapping[str, str], libraries: Iterable[str], *, allow_drift: bool) -> None:
    """Raise `BadBundle` for the first library whose major or minor version here differs from the one that was used.

    ``made_with``: versions by distribution name, as a manifest has them. A library that it doesn't name is taken as
    it is, and so is one without a version number: a package that was built under another name, or from a checkout.
    """
    for library in () if allow_drift else libraries:
        said, here = made_with.get(library, ""), _installed(library)
        if _numbered(said) and _numbered(here) and _minor(said) != _minor(here):
            raise BadBundle(
                f"the bundle was made with {library} {said}, here runs {here}: expected {'.'.join(_minor(said))}; "
                "an operator may allow the difference with allow_library_drift in the configuration",
                library=library,
                expected=said,
                found=here,
            )


def _minor(said: str) -> tuple[str, ...]:
    """Major and minor: ("4", "7") of "4.7.0rc1", and of "4.7"."""
    return tuple(said.split(".")[:2])


def _numbered(said: str) -> bool:
    return len(_minor(said)) == 2 and said[0].isdigit()


@cache
def _installed(library: str) -> str:
    # Asked at every load. It takes a millisecond of the interpreter's lock, for which calls wait.
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
