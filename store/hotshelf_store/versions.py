"""The versions of a store: publish, list, read, verify, bury. Knows nothing of aliases."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotshelf.bundle.v1.manifest_pb2 import Manifest, Tombstone
from hotshelf_store import layout
from hotshelf_store.backend import Backend
from hotshelf_store.bundle import FORMAT_VERSION, hash_files, manifest_from_json, to_json, verify_file, verify_files
from hotshelf_store.errors import (
    CorruptFile,
    InvalidBundle,
    InvalidName,
    ModelNotFound,
    ObjectExists,
    ObjectNotFound,
    VersionNotFound,
)
from hotshelf_store.timestamps import timestamp

MAX_RACES = 1_000
"""Numbers that a publisher tries before it gives up; each is lost to another publisher that won."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in a list: its manifest, or what is wrong with it beside a manifest of model and number alone."""

    manifest: Manifest
    problem: str = ""


class Versions:
    """Immutable versions with numbers that are never reused."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def models(self) -> list[str]:
        """The names of all models of which a version was ever published, sorted."""
        return [name for name in self.folders() if self._published(name)]

    def folders(self) -> list[str]:
        """The names of all models that anything is stored of, also by a publisher that never committed."""
        return [name for name in self._backend.children("") if _is_name(name)]

    def require_model(self, model: str) -> None:
        """Raise `ModelNotFound` for a model of which nothing was ever published."""
        if not self._published(model):
            raise ModelNotFound(
                f"model {model!r} is not in the store; it holds: {', '.join(self.models()) or 'nothing'}"
            )

    def numbers(self, model: str) -> list[int]:
        """Every number that was ever claimed, ascending; of deleted versions, and of publishers that died, too."""
        names = self._backend.children(layout.versions(model))
        # Digits alone and no leading zero: what else lies there is not ours.
        return sorted(int(name) for name in names if name.isascii() and name.isdigit() and name[0] != "0")

    def list(self, model: str) -> list[Manifest]:
        """The manifests of all versions that were not deleted, ascending by number. Raises `InvalidBundle`."""
        found = (self._read(model, number) for number in self.numbers(model))
        return [manifest for manifest in found if manifest is not None and not manifest.HasField("tombstone")]

    def survey(self, model: str) -> Sequence[Listed]:
        """The same, with those whose manifest can't be read: one broken file hides no other."""
        found = (self._look(model, number) for number in self.numbers(model))
        return [listed for listed in found if listed is not None and not listed.manifest.HasField("tombstone")]

    def manifest(self, model: str, version: int) -> Manifest:
        """One version's manifest. Raises `VersionNotFound` for an unknown or deleted one."""
        manifest = self._read(model, version)
        if manifest is None:
            raise VersionNotFound(f"model {model!r} has no version {version}")
        if manifest.HasField("tombstone"):
            raise VersionNotFound(f"version {version} of model {model!r} was deleted: {manifest.tombstone.reason}")
        return manifest

    def files(self, model: str, version: int) -> Path:
        """A local directory with the version's files, to be read only."""
        return self._backend.directory(layout.files(model, self.manifest(model, version).publish_id))

    def verify(self, model: str, version: int) -> None:
        """Check every file's SHA-256. Raises `CorruptFile` with what was expected and found."""
        manifest = self.manifest(model, version)
        verify_files(self._backend.directory(layout.files(model, manifest.publish_id)), manifest)

    def publish(self, model: str, bundle: Path, manifest: Manifest, *, author: str, now: float) -> Manifest:
        """Upload the files where nobody looks, then commit by creating the manifest under the next free number.

        The loser of a race takes the next number without uploading again. Raises `InvalidBundle` when a file changes
        meanwhile.
        """
        committed = Manifest()
        committed.CopyFrom(manifest)
        committed.ClearField("tombstone")
        committed.format_version = FORMAT_VERSION
        committed.model = layout.check_name("model", model)
        committed.publish_id = uuid.uuid4().hex
        committed.author = author
        committed.created_at.CopyFrom(timestamp(now))
        del committed.files[:]
        committed.files.extend(hash_files(bundle))
        for file in committed.files:
            self._backend.upload(f"{layout.files(model, committed.publish_id)}/{file.path}", bundle / file.path)
        self._require_unchanged(committed)
        return self._commit(model, committed)

    def bury(self, model: str, version: int, *, author: str, reason: str, now: float) -> None:
        """Replace the manifest by a tombstone, then remove the files. The number stays taken."""
        manifest = self.manifest(model, version)
        prefix = layout.files(model, manifest.publish_id)
        manifest.tombstone.CopyFrom(Tombstone(deleted_at=timestamp(now), author=author, reason=reason))
        self._backend.replace(layout.manifest(model, version), to_json(manifest))
        for entry in self._backend.objects(prefix):
            self._backend.delete(entry.key)

    def named_publications(self, model: str) -> set[str]:
        """The publish ids that manifests of live versions name. Raises `InvalidBundle` when one can't be read."""
        return {manifest.publish_id for manifest in self.list(model)}

    def _published(self, model: str) -> bool:
        # A publisher that died may leave a number without a manifest; the newest nearly always has one.
        numbers = reversed(self.numbers(model))
        return any(layout.MANIFEST in self._backend.children(layout.version(model, number)) for number in numbers)

    def _require_unchanged(self, manifest: Manifest) -> None:
        """Compare what was uploaded with what was hashed before."""
        folder = self._backend.directory(layout.files(manifest.model, manifest.publish_id))
        for file in manifest.files:
            try:
                verify_file(folder, file)
            except CorruptFile as error:
                raise InvalidBundle(f"a file changed while it was published; publish again: {error}") from error

    def _look(self, model: str, version: int) -> Listed | None:
        try:
            manifest = self._read(model, version)
        except InvalidBundle as error:
            return Listed(Manifest(model=model, version=version), str(error))
        return Listed(manifest) if manifest is not None else None

    def _commit(self, model: str, manifest: Manifest) -> Manifest:
        number = max(self.numbers(model), default=0)
        for _ in range(MAX_RACES):
            number += 1
            manifest.version = number
            try:
                self._backend.create(layout.manifest(model, number), to_json(manifest))
            except ObjectExists:
                continue
            return manifest
        raise ObjectExists(f"model {model!r}: lost {MAX_RACES} races for a version number; too many publishers at once")

    def _read(self, model: str, version: int) -> Manifest | None:
        key = layout.manifest(model, version)
        try:
            data = self._backend.read(key)
        except ObjectNotFound:
            return None
        return manifest_from_json(data, key)


def _is_name(name: str) -> bool:
    try:
        layout.check_name("model", name)
    except InvalidName:
        return False
    return True
