"""Draws panels of the dashboards from what a Prometheus answers to their own queries."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from k8s.monitoring.panels import substituted

Look = tuple[str, str]
"""A colour and a dash."""

Ask = Callable[..., Any]
"""Asks a path of Prometheus' API with parameters; gives the data of its answer."""

STEP = 1.0
"""Seconds between points."""

COLOURS = ("#4c72b0", "#e08214", "#2a9d8f", "#c44e52", "#8172b2", "#937860")
INK, FAINT, RED = "#24292f", "#d8dee4", "#d1242f"
DASHES = ("-", ":", "--", "-.")
HEADROOM = 1.2
"""So that the legend hides nothing."""

UNITS: Mapping[str, tuple[float, str]] = {
    "s": (1e3, " ms"),
    "percentunit": (100, " %"),
    "reqps": (1, "/s"),
    "bytes": (2.0**-20, " MiB"),
}
"""What a value is multiplied by, and what is written behind it, by Grafana's name of the unit."""

LEAST: Mapping[str, float] = {"percentunit": 1.0}
"""Upper ends of scales, below which nothing would look like much."""

LABEL = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One series, in seconds since the begin and the panel's unit."""

    name: str
    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a panel shows."""

    title: str
    unit: str
    stacked: bool
    limits: tuple[float, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, so many seconds after the begin."""

    at: float
    text: str


def answered(
    ask: Ask, board: Mapping[str, Any], title: str, values: Mapping[str, str], span: tuple[float, float]
) -> Picture:
    """What the panel with this title of a dashboard's JSON shows of a span of time, in seconds since the epoch.

    Raises `LookupError` where the dashboard has no graph of that title.
    """
    found = [one for one in board["panels"] if one["title"] == title and one["type"] == "timeseries"]
    if not found:
        raise LookupError(f"dashboard {board['title']!r} has no graph {title!r}")
    panel = found[0]
    defaults = panel["fieldConfig"]["defaults"]
    steps = defaults.get("thresholds", {}).get("steps", ())
    lines: list[Line] = []
    for target in panel["targets"]:
        query = substituted(target["expr"], values)
        answer = ask("query_range", query=query, start=span[0], end=span[1], step=STEP)
        lines += _lines(answer["result"], target.get("legendFormat", ""), span[0])
    return Picture(
        title,
        defaults["unit"],
        defaults["custom"].get("stacking", {}).get("mode") == "normal",
        tuple(step["value"] for step in steps if step["value"] is not None),
        tuple(lines),
    )


def draw(pictures: Sequence[Picture], marks: Sequence[Mark], seconds: float, path: Path, columns: int = 3) -> None:
    """Draw them in rows, as a PNG."""
    figure = Figure(figsize=(4.6 * columns, 2.75 * (len(pictures) // columns)), dpi=100, layout="constrained")
    for place, (axis, picture) in enumerate(
        zip(figure.subplots(len(pictures) // columns, columns).flat, pictures, strict=True)
    ):
        _draw(axis, picture, seconds)
        axis.set_title(
            picture.title, loc="left", fontsize=10, fontweight="bold", color=INK, pad=16 if place < columns else 6
        )
        for mark in marks:
            axis.axvline(mark.at, color=INK, linewidth=0.6, alpha=0.35, linestyle=(0, (4, 3)))
            if place < columns:
                _tell(axis, mark)
    figure.savefig(path, metadata={"Software": None}, facecolor="white")


def _lines(series: Sequence[Mapping[str, Any]], legend: str, begin: float) -> Iterator[Line]:
    for one in series:
        labels: Mapping[str, str] = one["metric"]
        points = [(at - begin, float(value)) for at, value in one["values"]]
        name = LABEL.sub(lambda found, labels=labels: labels.get(found[1], ""), legend)  # type: ignore[misc]  # a default
        yield Line(name, tuple(at for at, _ in points), tuple(value for _, value in points))


def _draw(axis: Axes, picture: Picture, seconds: float) -> None:
    factor, suffix = UNITS.get(picture.unit, (1, ""))
    lines = sorted(picture.lines, key=lambda line: line.name)
    looks = _looks([line.name for line in lines])
    if picture.stacked:
        _stack(axis, lines, looks, factor, seconds)
    else:
        for line in lines:
            colour, dash = looks[line.name]
            axis.plot(line.times, [one * factor for one in line.values], dash, color=colour, lw=1.6, label=line.name)
        axis.set_ylim(0, max(axis.get_ylim()[1] * HEADROOM, LEAST.get(picture.unit, 0.0)))
    for limit in picture.limits:
        if limit * factor < axis.get_ylim()[1]:
            axis.axhline(limit * factor, color=RED, linewidth=0.9, linestyle="--", alpha=0.7)
    _plain(axis, suffix, seconds)


def _stack(axis: Axes, lines: Sequence[Line], looks: Mapping[str, Look], factor: float, seconds: float) -> None:
    times = [step * STEP for step in range(int(seconds / STEP) + 1)]
    heights = []
    for line in lines:
        at = {round(time / STEP): value for time, value in zip(line.times, line.values, strict=True)}
        heights.append([at.get(step, 0.0) * factor for step in range(len(times))])
    names = [line.name for line in lines]
    axis.stackplot(times, heights, labels=names, colors=[looks[name][0] for name in names], alpha=0.75, linewidth=0)


def _plain(axis: Axes, suffix: str, seconds: float) -> None:
    axis.set_xlim(0, seconds)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    axis.yaxis.set_major_locator(MaxNLocator(5))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}{suffix}"))
    axis.tick_params(labelsize=8, colors=INK, length=0)
    axis.grid(visible=True, color=FAINT, linewidth=0.6)
    axis.set_axisbelow(True)
    for side, spine in axis.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)
    axis.legend(fontsize=7.5, frameon=True, framealpha=0.85, edgecolor="none", ncols=2, loc="best", labelcolor=INK)


def _tell(axis: Axes, mark: Mark) -> None:
    place = axis.get_xaxis_transform()
    axis.text(mark.at, 1.02, mark.text, transform=place, fontsize=6.5, color=INK, ha="center", va="bottom")


def _looks(names: Sequence[str]) -> Mapping[str, Look]:
    """A colour for each first word, such as a version, and a dash for each rest, such as a quantile."""
    firsts, rests = (list(dict.fromkeys(name.partition(" ")[place] for name in reversed(names))) for place in (0, 2))
    firsts.sort()
    return {
        name: (COLOURS[firsts.index(first) % len(COLOURS)], DASHES[rests.index(rest) % len(DASHES)])
        for name, (first, _, rest) in ((name, name.partition(" ")) for name in names)
    }
