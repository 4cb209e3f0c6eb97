"""As much of PromQL as it takes to tell which series a query reads."""

import re

TEXT = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'""")
LEFT_OUT = re.compile(
    r"""
    \b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)  # lists of labels
    | \{[^}]*\}                                                      # matchers
    | \[[^\]]*\]                                                     # ranges
    | \boffset\s+[\w$]+
    """,
    re.VERBOSE,
)
NAME = re.compile(r"(?<![\w:.$])([a-zA-Z_:][\w:]*)(\s*\()?")
WORDS = frozenset(
    {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "inf", "nan"}
)


def series_of(query: str) -> frozenset[str]:
    """The names of the series that a query reads. Names given by a matcher on ``__name__`` are not seen."""
    rest = LEFT_OUT.sub(" ", TEXT.sub(" ", query))
    names = ((found[1], found[2]) for found in NAME.finditer(rest))
    return frozenset(name for name, call in names if not call and name.lower() not in WORDS)
