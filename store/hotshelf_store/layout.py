"""Where everything lies in a store, and which names it takes.

::

    <model>/files/<publish-id>/…            a version's files, under a random id
    <model>/versions/<n>/manifest.json      created only if absent, last: claims the number, commits the version
    <model>/aliases/<revision>.json         append-only: each change of routing is a new numbered entry
"""

import re
from pathlib import PurePosixPath

from hotshelf_store.errors import InvalidName

MANIFEST = "manifest.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def check_name(kind: str, name: str) -> str:
    """The name itself, if models and aliases may be called so. Raises `InvalidName`."""
    if not _NAME.fullmatch(name):
        raise InvalidName(
            f"{kind} name {name!r}: expected 1 to 128 characters of A-Z a-z 0-9 . _ -, starting with a letter or digit"
        )
    return name


def check_path(path: str) -> str:
    """The path itself, if it stays inside its bundle. Raises `InvalidName`."""
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise InvalidName(
            f"file path {path!r}: expected a relative path inside the bundle, with forward slashes and no .."
        )
    return path


def versions(model: str) -> str:
    """Prefix of all versions."""
    return f"{check_name('model', model)}/versions"


def version(model: str, number: int) -> str:
    """Prefix of one version."""
    return f"{versions(model)}/{number}"


def manifest(model: str, number: int) -> str:
    """Key of a version's manifest."""
    return f"{version(model, number)}/{MANIFEST}"


def publications(model: str) -> str:
    """Prefix of all versions' files."""
    return f"{check_name('model', model)}/files"


def files(model: str, publish_id: str) -> str:
    """Prefix of one version's files."""
    return f"{publications(model)}/{publish_id}"


def aliases(model: str) -> str:
    """Prefix of the alias log."""
    return f"{check_name('model', model)}/aliases"


def alias_revision(model: str, revision: int) -> str:
    """Key of one entry of the alias log."""
    return f"{aliases(model)}/{revision}.json"
