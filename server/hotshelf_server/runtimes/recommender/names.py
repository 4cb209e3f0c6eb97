"""A table of strings as two arrays: mapped from disk, searched where it lies, never a million Python objects."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Names:
    """``blob`` holds the UTF-8 of all strings end to end; string ``i`` is ``blob[offsets[i]:offsets[i + 1]]``."""

    blob: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

    @classmethod
    def of(cls, strings: Iterable[str]) -> "Names":
        """Encode ``strings`` in their order; ``find`` needs them sorted by their bytes."""
        encoded = [string.encode() for string in strings]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(string) for string in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int | np.integer[Any]) -> str:
        return self.raw(index).decode()

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(len(self)))

    def raw(self, index: int | np.integer[Any]) -> bytes:
        """The UTF-8 of string ``index``."""
        return self.blob[self.offsets[index] : self.offsets[index + 1]].tobytes()

    def find(self, name: str) -> int:
        """Where ``name`` stands in a sorted table, or -1: a binary search, some ten microseconds in a million."""
        wanted = name.encode()
        index = bisect_left(range(len(self)), wanted, key=self.raw)
        return index if index < len(self) and self.raw(index) == wanted else -1
