"""A store's backend in memory. Passes the same contract suite as the real ones."""

import tempfile
import threading
from pathlib import Path

from hotshelf_store.backend import StoredObject
from hotshelf_store.errors import ObjectExists, ObjectNotFound, StoreUnavailable


class MemoryBackend:
    """A dict of bytes. ``available = False`` makes every method fail, as a store that can't be reached does."""

    def __init__(self) -> None:
        self.available = True
        self.now = 0.0
        self._lock = threading.Lock()
        self._objects: dict[str, tuple[bytes, float]] = {}

    def create(self, key: str, data: bytes) -> None:
        with self._locked():
            if key in self._objects:
                raise ObjectExists(f"{key} exists already")
            self._objects[key] = (data, self.now)

    def replace(self, key: str, data: bytes) -> None:
        with self._locked():
            self._objects[key] = (data, self.now)

    def upload(self, key: str, source: Path) -> None:
        self.replace(key, source.read_bytes())

    def read(self, key: str) -> bytes:
        with self._locked():
            if key not in self._objects:
                raise ObjectNotFound(f"{key} is not in the store")
            return self._objects[key][0]

    def children(self, prefix: str) -> list[str]:
        start = f"{prefix.rstrip('/')}/" if prefix else ""
        with self._locked():
            names = {key[len(start) :].split("/")[0] for key in self._objects if key.startswith(start)}
        return sorted(name for name in names if not name.startswith("."))

    def objects(self, prefix: str) -> list[StoredObject]:
        start = f"{prefix.rstrip('/')}/"
        with self._locked():
            return [
                StoredObject(key, len(data), modified)
                for key, (data, modified) in sorted(self._objects.items())
                if key.startswith(start)
            ]

    def delete(self, key: str) -> None:
        with self._locked():
            self._objects.pop(key, None)

    def directory(self, prefix: str) -> Path:
        found = self.objects(prefix)
        if not found:
            raise ObjectNotFound(f"nothing is stored below {prefix}")
        folder = Path(tempfile.mkdtemp())
        for entry in found:
            path = folder / entry.key.removeprefix(f"{prefix}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.read(entry.key))
        return folder

    def _locked(self) -> threading.Lock:
        if not self.available:
            raise StoreUnavailable("the store can't be reached")
        return self._lock
