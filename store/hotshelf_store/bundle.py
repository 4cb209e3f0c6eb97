"""A bundle on disk: a version's files in a folder, and the manifest that names them."""

import hashlib
from pathlib import Path

from google.protobuf import json_format
from google.protobuf.message import Message

from hotshelf.bundle.v1.manifest_pb2 import File, Manifest
from hotshelf_store.errors import CorruptFile, InvalidBundle, InvalidName
from hotshelf_store.layout import MANIFEST, check_path

FORMAT_VERSION = 1
MAX_FILES = 10_000
MAX_MANIFEST_BYTES = 4 << 20


def to_json(message: Message) -> bytes:
    """A message as JSON with sorted keys, so that equal messages have equal bytes."""
    text = json_format.MessageToJson(message, preserving_proto_field_name=True, sort_keys=True)
    return (text + "\n").encode()


def manifest_from_json(data: bytes, name: str) -> Manifest:
    """Parse and check a manifest. Raises `InvalidBundle` naming ``name``."""
    if len(data) > MAX_MANIFEST_BYTES:
        raise InvalidBundle(f"{name}: {len(data)} bytes, at most {MAX_MANIFEST_BYTES} expected")
    try:
        # Fields that a later release adds don't disturb; a format that it changes has another number.
        manifest = json_format.Parse(data, Manifest(), ignore_unknown_fields=True)
    except (json_format.ParseError, UnicodeDecodeError) as error:
        raise InvalidBundle(f"{name} is no manifest: {error}") from error
    if manifest.format_version != FORMAT_VERSION:
        raise InvalidBundle(
            f"{name}: format version {manifest.format_version}, this release reads {FORMAT_VERSION}; upgrade hotshelf"
        )
    try:
        for file in manifest.files:
            check_path(file.path)
    except InvalidName as error:
        raise InvalidBundle(f"{name}: {error}") from error
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle that lies in a folder of its own. Raises `InvalidBundle`."""
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidBundle(f"{folder} is no bundle: can't read {MANIFEST} ({error.strerror})") from error
    return manifest_from_json(data, str(path))


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Complete a manifest with the folder's files and write it beside them; what can be served without a store."""
    complete = Manifest()
    complete.CopyFrom(manifest)
    complete.format_version = FORMAT_VERSION
    del complete.files[:]
    complete.files.extend(hash_files(folder))
    (folder / MANIFEST).write_bytes(to_json(complete))
    return complete


def hash_files(folder: Path) -> list[File]:
    """Path, SHA-256 and size of every file below a folder but its manifest, sorted by path.

    Raises `InvalidBundle` when there is none, there are too many, or one is not a plain file.
    """
    if not folder.is_dir():
        raise InvalidBundle(f"{folder} is no directory")
    found = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise InvalidBundle(f"{path}: only plain files belong in a bundle")
        if path.is_file() and relative != MANIFEST:
            found.append(File(path=check_path(relative), sha256=_sha256(path), size_bytes=path.stat().st_size))
    if not 0 < len(found) <= MAX_FILES:
        raise InvalidBundle(f"{folder} holds {len(found)} files, expected 1 to {MAX_FILES}")
    return sorted(found, key=lambda file: file.path)


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Check that every file is the one that was published. Raises `CorruptFile` with what was expected and found.

    Raises `InvalidBundle` when the manifest points at a golden file that it has no digest of.
    """
    if manifest.HasField("golden"):
        require_listed(manifest, manifest.golden.path, "golden file")
    for file in manifest.files:
        verify_file(folder, file)


def verify_file(folder: Path, file: File) -> None:
    """Check one file. Raises `CorruptFile` with what was expected and found."""
    path = folder / file.path
    if not path.is_file():
        raise CorruptFile(f"{file.path}: missing, expected {file.size_bytes} bytes with sha256 {file.sha256}")
    try:
        found = _sha256(path)
    except OSError as error:
        raise CorruptFile(f"{file.path}: can't be read ({error.strerror}), expected sha256 {file.sha256}") from error
    if found != file.sha256:
        raise CorruptFile(
            f"{file.path}: expected sha256 {file.sha256} ({file.size_bytes} bytes), "
            f"found {found} ({path.stat().st_size} bytes)"
        )


def require_listed(manifest: Manifest, path: str, what: str) -> None:
    """Raise `InvalidBundle` for a file that the manifest has no digest of: nobody could tell whether it was changed."""
    if all(file.path != path for file in manifest.files):
        raise InvalidBundle(f"{what} {path!r} is not among the manifest's files")


def _sha256(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()
