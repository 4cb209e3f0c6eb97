"""Whether all replicas serve what the aliases ask for. Pure functions of what the replicas said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hotshelf_client.answers import Model, VersionStatus
from hotshelf_client.replicas import Answer

UNKNOWN = VersionStatus(0, "pending", "", None, 0)
"""A version that a replica has not heard of."""


@dataclass(frozen=True, slots=True)
class Target:
    """One version behind one alias: its relative share of the traffic, and replicas by what they made of it.

    ``on``: it takes its share there; ``loading``: it is loaded or waited for, or waits for the alias's other versions;
    ``failed``: it can't be loaded, ``reasons`` say why.
    """

    model: str
    alias: str
    version: int
    weight: int
    on: int
    loading: int
    failed: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Convergence:
    """All targets of all models. ``replicas`` counts all, ``silent`` are those that did not answer, with the reason."""

    converged: bool
    replicas: int
    silent: Mapping[str, str]
    targets: tuple[Target, ...]


def convergence(answers: Sequence[Answer], model: str = "") -> Convergence:
    """Of all models, or of one. Two addresses of one replica count once."""
    silent = {answer.address: answer.problem for answer in answers if answer.problem}
    replicas = _replicas(answers)
    targets = tuple(_targets(replicas, model))
    whole = not silent and bool(replicas) and all(target.on == len(replicas) for target in targets)
    return Convergence(whole, len(replicas) + len(silent), silent, targets)


def _replicas(answers: Sequence[Answer]) -> list[Mapping[str, Model]]:
    """The models by name of each replica that answered."""
    found: dict[str, Mapping[str, Model]] = {}
    for answer in answers:
        if not answer.problem:
            # A replica without any model does not say who it is.
            who = answer.models[0].replica if answer.models else ""
            found[who or answer.address] = {one.name: one for one in answer.models}
    return list(found.values())


def _targets(replicas: Sequence[Mapping[str, Model]], only: str) -> Iterator[Target]:
    names = {name for models in replicas for name in models}
    for name in sorted(names & {only} if only else names):
        told = [models.get(name) for models in replicas]
        for alias, weights in _asked([model for model in told if model]).items():
            for version in weights:
                yield _target(name, alias, version, weights, told)


def _asked(told: Sequence[Model]) -> Mapping[str, Mapping[int, int]]:
    """What the newest alias revision asks for; without a store, what holds."""
    routings = [model.routing for model in told if model.routing]
    if routings:
        return max(routings, key=lambda routing: routing.revision).aliases
    return {alias: weights for model in told for alias, weights in model.routes.items()}


def _target(name: str, alias: str, version: int, weights: Mapping[int, int], told: Sequence[Model | None]) -> Target:
    counts = {"on": 0, "loading": 0, "failed": 0}
    reasons: list[str] = []
    for model in told:
        status = _status(model, version)
        holds = model is not None and model.routes.get(alias) == weights
        state = "failed" if status.state == "failed" else "on" if holds and status.state == "ready" else "loading"
        counts[state] += 1
        if status.reason and state != "on" and status.reason not in reasons:
            reasons.append(status.reason)
    return Target(name, alias, version, weights[version], **counts, reasons=tuple(reasons))


def _status(model: Model | None, version: int) -> VersionStatus:
    return next((one for one in model.versions if one.version == version), UNKNOWN) if model else UNKNOWN
