"""What a LightGBM text model says beside its trees: its features, and the categories of a pandas DataFrame.

LightGBM's Python package ends the text with a line ``pandas_categorical:`` and, as JSON, the categories of each column
of dtype category, in the order of the columns; a code is a place. The line doesn't name the columns.
"""

import json
import re
from collections.abc import Iterator, Mapping

from hotshelf_server.core.errors import HotshelfError

PANDAS = "\npandas_categorical:"


class UnknownCategories(HotshelfError):
    """The text holds categories, but not in a way that tells which feature they are of."""

    reason = "UNKNOWN_CATEGORIES"


def feature_names(text: str) -> tuple[str, ...]:
    """The features' names in their order. LightGBM writes ``_`` for a space."""
    return tuple(_header(text, "feature_names").split(" "))


def pandas_categories(text: str) -> Mapping[int, tuple[object, ...]]:
    """The categories of each categorical feature by its place; none for a model that wasn't trained from such columns.

    Raises `UnknownCategories` where the text leaves open which features they belong to, as for ordered categories,
    which LightGBM treats as numbers.
    """
    categories = _pandas_line(text)
    if not categories:
        return {}
    places = list(_categorical(text))
    if len(places) != len(categories):
        raise UnknownCategories(
            f"the model was trained from {len(categories)} columns of categories, "
            f"of which its text marks {len(places)}: can't tell which ones they are"
        )
    seen = _header(text, "feature_infos").split(" ")
    for place, known in zip(places, categories, strict=True):
        # A categorical feature lists the codes that were seen: -1:2:0:1.
        codes = [int(code) for code in seen[place].split(":") if re.fullmatch(r"-?\d+", code)]
        if max(codes, default=0) >= len(known):
            raise UnknownCategories(f"feature {place} has codes up to {max(codes)}, its categories are {known}")
    return {place: tuple(known) for place, known in zip(places, categories, strict=True)}


def _pandas_line(text: str) -> list[list[object]]:
    start = text.rfind(PANDAS)
    line = text[start + len(PANDAS) :].partition("\n")[0] if start >= 0 else "null"
    try:
        found = json.loads(line) or []
    except ValueError as error:
        raise UnknownCategories(f"the line pandas_categorical is no JSON: {error}") from error
    if not (isinstance(found, list) and all(isinstance(known, list) for known in found)):
        raise UnknownCategories(f"the line pandas_categorical is {line[:80]}, expected a list of lists")
    return found


def _categorical(text: str) -> Iterator[int]:
    """Places of the features that training took as categorical, those that no tree uses included."""
    found = re.search(r"^\[categorical_feature: ([\d,]*)\]$", text, re.MULTILINE)
    return (int(place) for place in found[1].split(",") if place) if found else iter(())


def _header(text: str, key: str) -> str:
    """One line of the text's head, which ends with the first tree."""
    found = re.search(rf"^{key}=(.*)$", text[: text.find("\nTree=")], re.MULTILINE)
    return found[1] if found else ""
