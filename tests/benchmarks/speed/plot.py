"""The plot of what was measured, as SVG by hand: equal figures give equal bytes, on every machine."""

from collections.abc import Iterator, Sequence
from html import escape

from tests.benchmarks.markdown import number
from tests.benchmarks.speed.figures import Figures, Speed

WIDTH, LABELS, VALUES = 840, 150, 150
"""Pixels: of all, of the names on the left and of the numbers on the right."""
BAR, GAP, TITLE = 16, 6, 34
PANELS = {
    "trees-b1-c64": "LightGBM, 1 row a call, 64 calls at once: calls a second",
    "trees-b32-c16": "LightGBM, 32 rows a call, 16 at once: rows a second",
    "trees-b1024-c4": "LightGBM, 1,024 rows a call, 4 at once: rows a second",
    "pipeline-b1-c64": "scikit-learn pipeline, 1 row a call, 64 at once: calls a second",
    "identity-b1-c64": "a model that answers what it is given, 1 row a call, 64 at once: calls a second",
}
OURS = "hotshelf"
STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.ours { fill: #2f81f7; }
.other { fill: #8a8f98; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }"""


def drawn(figures: Figures) -> str:
    """One panel for each cell above that was measured, its bars from the fastest server on."""
    top = 0
    lines: list[str] = []
    for cell, title in PANELS.items():
        found = sorted((one for one in figures.speeds if one.cell == cell and one.rates), key=lambda one: -one.rate)
        if found:
            lines += _panel(title, found, top)
            top += TITLE + len(found) * (BAR + GAP)
    size = f'viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Speed of model servers">'
    return "\n".join([head, f"<style>\n{STYLE}\n</style>", *lines, "</svg>"]) + "\n"


def _panel(title: str, found: Sequence[Speed], top: int) -> Iterator[str]:
    yield f'<text class="title" x="0" y="{top + 22}">{escape(title)}</text>'
    for place, one in enumerate(found):
        y = top + TITLE + place * (BAR + GAP)
        width = (WIDTH - LABELS - VALUES) * one.rate / found[0].rate
        kind = "ours" if one.server.startswith(OURS) else "other"
        yield f'<text x="{LABELS - 8}" y="{y + 12}" text-anchor="end">{escape(one.server)}</text>'
        yield f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}"/>'
        yield f'<text x="{LABELS + width + 6:.1f}" y="{y + 12}">{number(one.rate * one.rows)}</text>'
