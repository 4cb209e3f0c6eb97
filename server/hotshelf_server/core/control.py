"""Who says which models are loaded."""

from enum import Enum


class Control(Enum):
    """Who decides: the source alone, operators alone, or both, which begins with all that the source wants."""

    NONE = "none"
    EXPLICIT = "explicit"
    BOTH = "both"
