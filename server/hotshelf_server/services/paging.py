"""Pages of lists (AIP-158)."""

import re
from collections.abc import Sequence
from typing import TypeVar

from hotshelf_server.core.errors import InvalidInput

Item = TypeVar("Item")

DEFAULT_SIZE = 100
MAX_SIZE = 1_000
_TOKEN = re.compile(r"0|[1-9][0-9]{0,9}")


def page(items: Sequence[Item], page_size: int, page_token: str) -> tuple[Sequence[Item], str]:
    """The items of one page, and the token of the next ("" on the last). Raises `InvalidInput`."""
    if not 0 <= page_size <= MAX_SIZE:
        raise InvalidInput(
            f"page_size {page_size}: expected 1 to {MAX_SIZE}, or 0 for {DEFAULT_SIZE}", field="page_size"
        )
    if page_token and not _TOKEN.fullmatch(page_token):
        raise InvalidInput(f"page_token {page_token!r}: expected the last answer's next_page_token", field="page_token")
    start = int(page_token or 0)
    end = start + (page_size or DEFAULT_SIZE)
    return items[start:end], str(end) if end < len(items) else ""
