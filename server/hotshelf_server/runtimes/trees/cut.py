"""Where a LightGBM model text has its trees."""

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.errors import Broken

START, END = b"\nTree=", b"\nend of trees"


def tree_places(text: bytes) -> npt.NDArray[np.int64]:
    """[trees + 1] where the line of each tree's number begins, and last the line behind all trees.

    Raises `Broken` for a text without trees, and for one that was cut off within them.
    """
    end = text.find(END)
    if end < 0:
        raise Broken("the text has no line 'end of trees': it is no model, or was cut off")
    places = []
    place = text.find(START, 0, end)
    while place >= 0:
        places.append(place + 1)
        place = text.find(START, place + len(START), end)
    if not places:
        raise Broken("the text has no trees before its line 'end of trees'")
    return np.array([*places, end + 1], np.int64)
