"""The alias log of a model: append-only, compare-and-set, its own history."""

from collections.abc import Callable, Iterator, Mapping

from google.protobuf import json_format

from hotshelf.registry.v1.alias_pb2 import AliasRevision, Change, Route
from hotshelf_store import layout
from hotshelf_store.backend import Backend
from hotshelf_store.bundle import to_json
from hotshelf_store.errors import AliasConflict, InvalidBundle, InvalidText, InvalidWeights, ObjectExists
from hotshelf_store.timestamps import timestamp

CHAMPION = "champion"
CANDIDATE = "candidate"
PREVIOUS = "previous"

MAX_WEIGHT = 2**32 - 1
MAX_VERSION = 2**63 - 1

MAX_REASON = 1_000
MAX_AUTHOR = 200
"""Characters: every server reads the newest entry of the log again and again."""

MAX_RACES = 100
"""Times that an edit is tried on a newer revision before it gives up."""

Edit = Callable[[AliasRevision], bool]
"""Changes a copy of the newest revision in place; returns False when there is nothing to change."""


class AliasLog:
    """Numbered revisions of each model's routing, each the whole routing after one change."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def latest(self, model: str) -> AliasRevision:
        """The newest revision; an empty one numbered 0 when nothing was ever routed."""
        numbers = self._numbers(model)
        return self._read(model, numbers[-1]) if numbers else AliasRevision()

    def newest(self, model: str) -> int:
        """The number of the newest revision, without reading it; 0 when nothing was ever routed."""
        return max(self._numbers(model), default=0)

    def history(self, model: str) -> Iterator[AliasRevision]:
        """Every revision, newest first; each is read when it is asked for."""
        return (self._read(model, number) for number in reversed(self._numbers(model)))

    def incumbent(self, model: str) -> int:
        """The version that was champion alone last; where none ever was, the one that leads now, or 0."""
        latest = None
        for revision in self.history(model):
            latest = latest or revision
            if len(weights_of(revision, CHAMPION)) == 1:
                return lead(revision, CHAMPION)
        return lead(latest, CHAMPION) if latest else 0

    def edit(
        self,
        model: str,
        edit: Edit,
        *,
        change: Change.ValueType,
        author: str,
        reason: str,
        now: float,
        expected_revision: int | None = None,
        forced: bool = False,
    ) -> AliasRevision:
        """Append the newest revision as changed by ``edit``, and return what is newest then.

        Writers at the same time conflict: without ``expected_revision`` the edit is made again on what the other wrote,
        with it `AliasConflict` is raised when the newest revision is another. Raises `InvalidText` for a longer
        reason or author than `MAX_REASON` and `MAX_AUTHOR`.
        """
        check_text("author", author, MAX_AUTHOR)
        check_text("reason", reason, MAX_REASON)
        for _ in range(MAX_RACES):
            latest = self.latest(model)
            if expected_revision is not None and latest.revision != expected_revision:
                raise AliasConflict(
                    f"model {model!r}: aliases are at revision {latest.revision}, not {expected_revision}; "
                    "read them again and repeat"
                )
            following = AliasRevision()
            following.CopyFrom(latest)
            if not edit(following):
                return latest
            following.revision = latest.revision + 1
            following.change = change
            following.author = author
            following.reason = reason
            following.forced = forced
            following.changed_at.CopyFrom(timestamp(now))
            try:
                self._backend.create(layout.alias_revision(model, following.revision), to_json(following))
            except ObjectExists:
                continue
            return following
        raise AliasConflict(f"model {model!r}: lost {MAX_RACES} races for the alias log; too many writers at once")

    def _numbers(self, model: str) -> list[int]:
        names = self._backend.children(layout.aliases(model))
        stems = [name.removesuffix(".json") for name in names if name.endswith(".json")]
        return sorted(int(stem) for stem in stems if stem.isascii() and stem.isdigit())

    def _read(self, model: str, revision: int) -> AliasRevision:
        key = layout.alias_revision(model, revision)
        try:
            return json_format.Parse(self._backend.read(key), AliasRevision(), ignore_unknown_fields=True)
        except (json_format.ParseError, UnicodeDecodeError) as error:
            raise InvalidBundle(f"{key} is no alias revision: {error}") from error


def check_text(kind: str, text: str, most: int) -> None:
    """Raise `InvalidText` for one that is too long."""
    if len(text) > most:
        raise InvalidText(f"{kind} of {len(text)} characters: expected at most {most}")


def route(weights: Mapping[int, int]) -> Route:
    """A route from versions to shares. Raises `InvalidWeights` for a version or a share that is none."""
    if not weights or any(not 0 < weight <= MAX_WEIGHT for weight in weights.values()):
        raise InvalidWeights(
            f"weights {dict(weights)}: expected at least one version, each with a positive share up to {MAX_WEIGHT}"
        )
    if any(not 0 < version <= MAX_VERSION for version in weights):
        raise InvalidWeights(f"weights {dict(weights)}: expected versions from 1 to {MAX_VERSION}")
    return Route(weights=dict(weights))


def lead(revision: AliasRevision, alias: str) -> int:
    """The version with the largest share behind an alias (of equals the lowest); 0 when the alias names none."""
    weights = weights_of(revision, alias)
    return max(weights, key=lambda version: (weights[version], -version), default=0)


def weights_of(revision: AliasRevision, alias: str) -> Mapping[int, int]:
    """The shares by version behind an alias; none when it is not set."""
    return revision.routes[alias].weights if alias in revision.routes else {}


def growing(before: Mapping[int, int], after: Mapping[int, int]) -> list[int]:
    """The versions that get a larger part of the whole than before, ascending."""
    old, new = sum(before.values()), sum(after.values())
    return sorted(version for version in after if after[version] * (old or 1) > before.get(version, 0) * new)


def named(revision: AliasRevision) -> set[int]:
    """Every version that some alias names."""
    return {version for target in revision.routes.values() for version in target.weights}
