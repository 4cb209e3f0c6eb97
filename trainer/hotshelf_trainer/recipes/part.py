"""What all parts of recipes have in common."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of every part of a recipe: immutable, and no key passes unread."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def at(folder: Path, path: Path | None) -> Path | None:
    """A path of a recipe that lies in ``folder``: one that is relative begins there."""
    return folder / path if path is not None else None
