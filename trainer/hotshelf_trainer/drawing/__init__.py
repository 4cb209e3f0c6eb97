"""Plots for reports: inline, in the page's own colours, the same bytes for the same figures."""

import io
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

NEUTRAL = "#8a8f98"
ACCENT = "#2f81f7"
WARNING = "#d1242f"
NO_METADATA: Mapping[str, None] = MappingProxyType(dict.fromkeys(("Creator", "Date", "Format", "Type")))
"""When and by what a plot was drawn is nobody's business, and would differ from run to run."""


def svg(figure: Figure) -> str:
    """Inline SVG in the page's own text colour, for light and dark; equal figures give equal bytes."""
    for axis in figure.axes:
        _plain(axis)
    figure.tight_layout()
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "hotshelf", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata=NO_METADATA)
    text = buffer.getvalue()
    return text[text.index("<svg") :].replace("#000000", "currentColor")


def _plain(axis: Any) -> None:
    axis.tick_params(labelsize=8)
    sides: Sequence[str] = ("top", "right")
    axis.spines[list(sides)].set_visible(False)
