"""Choices that were measured, kept by what they were measured for: in memory, and in a folder where there is one."""

import json
import logging
import math
import os
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any

from hotshelf_server.core.engines import SIZES, Choice

log = logging.getLogger(__name__)

MOST = 1000
"""Choices that are kept, in memory and in the folder; the eldest give way."""

Key = Mapping[str, str]
"""All that decides which engine is the fastest, in words."""


class Kept:
    """Thread-safe, as far as one thread keeps and others only find; processes may share a folder."""

    def __init__(self, folder: Path | None, most: int = MOST) -> None:
        self._folder = folder
        self._most = most
        self._known: OrderedDict[str, Choice] = OrderedDict()

    def find(self, key: Key) -> Choice | None:
        """What was kept under this very key."""
        name = _name(key)
        found = self._known.get(name)
        if found is None and self._folder is not None:
            found = _read(self._folder / name, key)
        return found

    def keep(self, key: Key, choice: Choice) -> None:
        """Keep it; a folder that can't be written to costs a warning."""
        name = _name(key)
        self._known[name] = choice
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / name, {"key": dict(key), "choice": asdict(choice)})
            self._shorten(self._folder)
        except OSError as error:
            log.warning("the choice of engines can't be kept in %s: %s", self._folder, error.strerror or error)

    def _shorten(self, folder: Path) -> None:
        files = list(folder.glob("*.json"))
        if len(files) > self._most:
            for eldest in sorted(files, key=_modified)[: len(files) - self._most]:
                eldest.unlink(missing_ok=True)


def _name(key: Key) -> str:
    text = json.dumps(dict(key), sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest() + ".json"


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process was quicker
        return 0.0


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Put in place whole: others may be reading it."""
    handle, made = tempfile.mkstemp(dir=path.parent, suffix=".making")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
        Path(made).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(made).unlink()
        raise


def _read(path: Path, key: Key) -> Choice | None:
    """Nothing, where the file is absent, or says anything that a choice doesn't."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        said = content["choice"]
        engines = tuple(str(name) for name in said["engines"])
        seconds = {str(name): tuple(float(one) for one in figures) for name, figures in said["seconds"].items()}
        dropped = tuple(str(name) for name in said["dropped"])
        differences = {str(name): float(one) for name, one in said["differences"].items()}
        right = content["key"] == dict(key)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    lengths = {len(engines), *map(len, seconds.values())}
    figures = [*(one for row in seconds.values() for one in row), *differences.values()]
    if not right or lengths != {len(SIZES)} or any(math.isnan(one) for one in figures):
        return None
    return Choice(engines, "measured", seconds, dropped, differences)
