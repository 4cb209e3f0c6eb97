"""Answers as people read them, and as machines do."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import numpy as np
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from hotshelf_client.answers import Model, Prediction, Recommendations, Routing, Version
from hotshelf_client.convergence import Convergence, Target
from hotshelf_client.tensors import Array

VERDICTS = {True: "passed", False: "failed", None: "not judged"}


def to_json(answer: object) -> str:
    """Any answer as JSON: arrays as nested lists, times in ISO 8601, NaN and infinities as strings."""
    return json.dumps(_plain(answer), ensure_ascii=False, indent=2, allow_nan=False)


def prediction(answer: Prediction) -> RenderableType:
    """Each output with its values."""
    lines = [f"{answer.model} version {answer.version}"]
    for name, array in answer.outputs.items():
        lines += [f"{name}  {array.dtype.name} {list(array.shape)}", str(_readable(array))]
    lines += [f"{name} = {value}" for name, value in answer.parameters.items()]
    return "\n".join(lines)


def recommendations(answer: Recommendations) -> RenderableType:
    """The products with their reasons."""
    table = _table("", "product", "title", "score", "why")
    for place, item in enumerate(answer.items, start=1):
        table.add_row(str(place), item.product, item.title, f"{item.score:.3f}", item.reason.text)
    note = "" if answer.fallback == "none" else f", less personal than asked for: {answer.fallback.replace('_', ' ')}"
    return Group(table, f"{answer.model} version {answer.version}{note}")


def models(answer: Sequence[Model]) -> RenderableType:
    """Where the traffic of each model goes, and what is loaded."""
    table = _table("model", "aliases", "versions here")
    for model in answer:
        loaded = ", ".join(f"{status.version} {status.state}" for status in model.versions)
        table.add_row(model.name, _aliases(model.routing) if model.routing else "served without a store", loaded)
    return table


def versions(answer: Sequence[Version]) -> RenderableType:
    """What the store holds of a model and the server loaded."""
    table = _table("version", "created", "runtime", "aliases", "gate", "here", "description")
    for version in answer:
        status = version.status
        here = f"{status.state}: {status.reason}" if status.reason else status.state
        row = [str(version.version), _moment(version.created_at), version.runtime, ", ".join(version.aliases)]
        table.add_row(*row, VERDICTS[version.passed], here, version.description)
    return table


def routing(answer: Routing) -> RenderableType:
    """The aliases after a change."""
    return f"revision {answer.revision}: {_aliases(answer)}"


def history(answer: Sequence[Routing]) -> RenderableType:
    """Who changed the aliases, when, how, and why."""
    table = _table("revision", "at", "by", "change", "aliases after it", "why")
    for entry in answer:
        change = entry.change + (" (forced)" if entry.forced else "")
        row = (str(entry.revision), _moment(entry.changed_at), entry.author, change, _aliases(entry), entry.reason)
        table.add_row(*row)
    return table


def convergence(answer: Convergence) -> RenderableType:
    """Each version behind each alias: on how many replicas it is, and why not on the others."""
    table = _table("model", "alias", "share", "replicas", "why not")
    for target in answer.targets:
        table.add_row(*_progress(target, answer))
    silent = [f"{address} did not answer: {problem}" for address, problem in answer.silent.items()]
    return Group(table, *silent, "converged" if answer.converged else "not converged")


def _progress(target: Target, whole: Convergence) -> tuple[str, ...]:
    total = sum(one.weight for one in whole.targets if (one.model, one.alias) == (target.model, target.alias))
    state = f"v{target.version} on {target.on} of {whole.replicas}, {target.loading} loading, {target.failed} failed"
    return target.model, target.alias, f"{target.weight / total:.0%}", state, "; ".join(target.reasons)


def _aliases(answer: Routing) -> str:
    return "; ".join(f"{alias} {_shares(weights)}" for alias, weights in answer.aliases.items())


def _shares(weights: Mapping[int, int]) -> str:
    total = sum(weights.values())
    if len(weights) == 1:
        return f"→ {next(iter(weights))}"
    return "→ " + ", ".join(f"{version} ({weight / total:.0%})" for version, weight in weights.items())


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column)
    return table


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _readable(array: Array) -> Array:
    if array.dtype != object:
        return array
    return np.array([_plain(item) for item in array.ravel()], dtype=object).reshape(array.shape)


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one case a type
    match value:
        case np.ndarray():
            return _plain(value.tolist())
        case bytes():
            return value.decode(errors="backslashreplace")
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
