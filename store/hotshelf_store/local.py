"""A store in a local directory, also one that many machines mount."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotshelf_store.backend import StoredObject
from hotshelf_store.errors import ObjectExists, ObjectNotFound, StoreUnavailable

SCRATCH = ".scratch"
"""Where objects are written before they appear; no model name starts with a dot."""


class LocalBackend:
    """Objects as files below one root directory."""

    def __init__(self, root: Path) -> None:
        """Open the directory. Raises `StoreUnavailable` when it does not exist."""
        self._root = root
        self._require_root()

    def create(self, key: str, data: bytes) -> None:
        """Write to a scratch file, then link it: linking fails when the name is taken, and never shows half a file."""
        with self._translated_writing(key), self._scratch(data) as scratch:
            target = self._prepare(key)
            try:
                os.link(scratch, target)
            except FileExistsError:
                raise ObjectExists(f"{key} exists already") from None
            _sync_directory(target.parent)

    def replace(self, key: str, data: bytes) -> None:
        """Write to a scratch file, then rename it over the old one."""
        with self._translated_writing(key), self._scratch(data) as scratch:
            target = self._prepare(key)
            scratch.replace(target)
            _sync_directory(target.parent)

    def upload(self, key: str, source: Path) -> None:
        """Copy the file and wait until it is on the disk."""
        with self._translated_writing(key):
            target = self._prepare(key)
            with source.open("rb") as reader, target.open("xb") as writer:
                shutil.copyfileobj(reader, writer, 1 << 20)
                writer.flush()
                os.fsync(writer.fileno())
            _sync_directory(target.parent)

    def read(self, key: str) -> bytes:
        """The file's bytes."""
        with self._translated(key):
            return (self._root / key).read_bytes()

    def children(self, prefix: str) -> list[str]:
        """The names in the directory, without hidden ones."""
        try:
            with os.scandir(self._root / prefix) as entries:
                return sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            self._require_root()
            return []
        except OSError as error:
            raise StoreUnavailable(f"can't list {self._root / prefix}: {error.strerror}") from error

    def objects(self, prefix: str) -> list[StoredObject]:
        """All files below the directory, the scratch files of the root included."""
        found = []
        with self._translated(prefix):
            for path in (self._root / prefix).rglob("*"):
                if path.is_file():
                    status = path.stat()
                    key = path.relative_to(self._root).as_posix()
                    found.append(StoredObject(key, status.st_size, status.st_mtime))
        return sorted(found, key=lambda entry: entry.key)

    def delete(self, key: str) -> None:
        """Remove the file, and the directories that it leaves empty below ``<model>/<kind>``."""
        with self._translated(key):
            path = self._root / key
            path.unlink(missing_ok=True)
            for parent in list(path.parents)[: -2 - len(self._root.parts)]:
                try:
                    parent.rmdir()
                except OSError:  # not empty, or somebody else removed it
                    break

    def directory(self, prefix: str) -> Path:
        """The directory itself."""
        path = self._root / prefix
        if not path.is_dir():
            self._require_root()
            raise ObjectNotFound(f"nothing is stored below {prefix}")
        return path

    def _require_root(self) -> None:
        if not self._root.is_dir():
            raise StoreUnavailable(
                f"store {self._root} does not exist or is not a directory; create it, or correct the path"
            )

    def _prepare(self, key: str) -> Path:
        """The file's path, with its directories made and on the disk."""
        self._require_root()
        target = self._root / key
        missing = [parent for parent in target.parents if not parent.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        for made in missing:
            _sync_directory(made.parent)
        return target

    @contextmanager
    def _scratch(self, data: bytes) -> Iterator[Path]:
        path = self._prepare(f"{SCRATCH}/{uuid.uuid4().hex}")
        try:
            with path.open("xb") as writer:
                writer.write(data)
                writer.flush()
                os.fsync(writer.fileno())
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Turn the system's errors into the store's."""
        try:
            yield
        except FileNotFoundError as error:
            self._require_root()
            raise ObjectNotFound(f"{key} is not in the store") from error
        except OSError as error:
            raise self._unavailable(key, error) from error

    @contextmanager
    def _translated_writing(self, key: str) -> Iterator[None]:
        """The same for writers, to whom a directory that vanished under their hands is no absent object."""
        try:
            yield
        except OSError as error:
            raise self._unavailable(key, error) from error

    def _unavailable(self, key: str, error: OSError) -> StoreUnavailable:
        path = error.filename or self._root / key
        return StoreUnavailable(f"store {self._root}: {error.strerror} ({path})")


def _sync_directory(path: Path) -> None:
    """Wait until the names in a directory are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
