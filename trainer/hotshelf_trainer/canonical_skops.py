"""Scikit-learn pipelines as skops files whose bytes tell what was learned, and not in which process or when.

skops (0.16) numbers objects by their addresses in memory, names arrays after those numbers, dates the members of its
zip file, and stores structured arrays, such as trees' nodes, with whatever lay in the padding between their fields.
Here numbers count up in the order of appearance, dates are zip's first one, and padding is zero.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import skops.io

SCHEMA = "schema.json"


def dump(fitted: Any, path: Path) -> None:
    """Write a fitted estimator or pipeline. Raises what skops does for types that it doesn't write."""
    path.write_bytes(canonical(skops.io.dumps(fitted)))


def canonical(content: bytes) -> bytes:
    """The same skops file without traces of the process that wrote it."""
    with ZipFile(io.BytesIO(content)) as archive:
        schema = json.loads(archive.read(SCHEMA))
        names: dict[str, str] = {}
        for node in _nodes(schema):
            if "file" in node:
                new = f"{len(names)}{Path(node['file']).suffix}"
                node["file"] = names.setdefault(node["file"], new)
        _renumber(schema)
        members = {new: _without_traces(old, archive.read(old)) for old, new in names.items()}
    return _zipped({**members, SCHEMA: json.dumps(schema, indent=2).encode()})


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a schema, parents first."""
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _renumber(schema: dict[str, Any]) -> None:
    numbers: dict[int, int] = {}
    for node in _nodes(schema):
        if node.get("is_json"):
            # Texts and numbers can't change, so nothing asks whether two of them are one object; and that they are is
            # Python's choice.
            node.pop("__id__", None)
        elif "__id__" in node:
            # From 1: a reader takes 0 for no number.
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)


def _without_traces(name: str, content: bytes) -> bytes:
    if name.endswith(".npz"):
        with ZipFile(io.BytesIO(content)) as arrays:
            return _zipped({member: arrays.read(member) for member in arrays.namelist()})
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)
    for field in array.dtype.names:
        clean[field] = array[field]
    out = io.BytesIO()
    np.save(out, clean, allow_pickle=False)
    return out.getvalue()


def _zipped(members: dict[str, bytes]) -> bytes:
    """Members in order, none of them compressed, all of zip's first date."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(ZipInfo(name), content)
    return out.getvalue()
