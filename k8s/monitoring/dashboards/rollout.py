"""Rollouts of a model: the canary beside the champion, shadows, and whether replicas agree."""

from k8s.monitoring.dashboards.queries import (
    ASKED,
    FLEET,
    MODEL,
    MODELS,
    NAMESPACE,
    PROMOTED,
    failed_share,
    quantiles,
    rate,
    sum_by,
)
from k8s.monitoring.dashboards.spec import COUNT, PER_SECOND, SECONDS, SHARE, Board, Look, Panel, Query, Row
from k8s.monitoring.objectives import Limits, Objectives

CALLS, DURATION = "hotshelf_calls_total", "hotshelf_call_duration_seconds"
STATE, AGE, REVISION = "hotshelf_version_state", "hotshelf_convergence_age_seconds", "hotshelf_alias_revision"
LOAD, PARKED = "hotshelf_version_load_seconds", "hotshelf_versions_parked_total"
ENDED, SHADOW = "hotshelf_canaries_ended_total", "hotshelf_shadow_calls_total"


def rollout(objectives: Objectives) -> Board:
    """What a promotion, a canary or a rollback does, while it does it."""
    return Board(
        "hotshelf-rollout",
        "Hotshelf, rollout",
        "A model's rollout: what the aliases ask for, what each replica does, and how the new version compares.",
        (NAMESPACE, MODELS),
        (
            Row("Now", _now(objectives.limits)),
            Row("Canary and champion", _canary()),
            Row("Shadow", _shadow()),
            Row("Replicas", _replicas(objectives.limits)),
        ),
        PROMOTED,
    )


def _now(limits: Limits) -> tuple[Panel, ...]:
    number = Look.NUMBER
    newest = f"count({REVISION}{{{MODEL}}} == on () group_left () max({REVISION}{{{MODEL}}}))"
    return (
        Panel(
            "Convergence age",
            (Query(f"max({AGE}{{{MODEL}}})"),),
            (AGE,),
            SECONDS,
            number,
            6,
            alerts=("HotshelfReplicaNotConverged",),
            limits=(limits.convergence_seconds / 10, limits.convergence_seconds),
        ),
        Panel(
            "Replicas that know the newest revision",
            (Query(newest),),
            (REVISION,),
            COUNT,
            number,
            6,
            alerts=("HotshelfReplicasDiffer",),
        ),
        Panel("Loads under way", (Query(f'sum({STATE}{{{MODEL},state="loading"}})'),), (STATE,), COUNT, number, 6),
        Panel(
            "Versions that fail to load",
            (Query(f'sum({STATE}{{{MODEL},state="failed"}})'),),
            (STATE,),
            COUNT,
            number,
            6,
            alerts=("HotshelfVersionFailsToLoad",),
            limits=(1,),
        ),
    )


def _canary() -> tuple[Panel, ...]:
    by_version = sum_by("version", rate(CALLS, f"{MODEL},{ASKED}"))
    share = f"{by_version} / on () group_left () {sum_by('', rate(CALLS, f'{MODEL},{ASKED}'))}"
    weight = f'avg by (version) (hotshelf_route_weight{{{MODEL},alias="champion"}})'
    weights = f'sum(avg by (version) (hotshelf_route_weight{{{MODEL},alias="champion"}}))'
    return (
        Panel(
            "Traffic that the champion asks for",
            (Query(f"{weight} / on () group_left () {weights}", "v{{version}}"),),
            ("hotshelf_route_weight",),
            SHARE,
            Look.STACK,
        ),
        Panel("Traffic by version", (Query(share, "v{{version}}"),), (CALLS,), SHARE, Look.STACK),
        Panel(
            "Canaries that ended",
            (Query(f"max by (outcome) ({ENDED}{{{MODEL}}})", "{{outcome}}"),),
            (ENDED,),
            alerts=("HotshelfCanaryTakenBack",),
        ),
        Panel(
            "Failed by the server's fault",
            (Query(failed_share(MODEL, "version"), "v{{version}}"),),
            (CALLS,),
            SHARE,
            width=12,
        ),
        Panel(
            "Duration",
            quantiles(DURATION, f"{MODEL},{ASKED}", "version", "v{{version}}", (0.5, 0.99)),
            (DURATION,),
            SECONDS,
            width=12,
        ),
    )


def _shadow() -> tuple[Panel, ...]:
    outcomes = sum_by("version, outcome", rate(SHADOW, MODEL))
    compared = sum_by("version", rate(SHADOW, f'{MODEL},outcome=~"same|different"'))
    same = sum_by("version", rate(SHADOW, f'{MODEL},outcome="same"'))
    return (
        Panel("Copies of calls", (Query(outcomes, "v{{version}} {{outcome}}"),), (SHADOW,), PER_SECOND, width=12),
        Panel(
            "Copies that were answered the same",
            (Query(f"({same} or 0 * {compared}) / {compared}", "v{{version}}"),),
            (SHADOW,),
            SHARE,
            width=12,
        ),
    )


def _replicas(limits: Limits) -> tuple[Panel, ...]:
    failures = (("hotshelf_version_load_failures_total", "load"), ("hotshelf_version_golden_failures_total", "golden"))
    return (
        Panel(
            "Convergence age",
            (Query(f"{AGE}{{{MODEL}}}", "{{instance}}"),),
            (AGE,),
            SECONDS,
            alerts=("HotshelfReplicaNotConverged",),
            limits=(limits.convergence_seconds / 10, limits.convergence_seconds),
        ),
        Panel(
            "Alias revision",
            (Query(f"{REVISION}{{{MODEL}}}", "{{instance}}"),),
            (REVISION,),
            alerts=("HotshelfReplicasDiffer",),
        ),
        Panel(
            "Replicas by version and state",
            (Query(f"sum by (version, state) ({STATE}{{{MODEL}}}) > 0", "v{{version}} {{state}}"),),
            (STATE,),
            alerts=("HotshelfVersionStuckLoading",),
        ),
        Panel(
            "Time of the last load",
            (Query(f"max by (version, instance) ({LOAD}{{{MODEL}}})", "v{{version}} {{instance}}"),),
            (LOAD,),
            SECONDS,
        ),
        Panel(
            "Failed loads",
            tuple(
                Query(f"max by (version) ({name}{{{MODEL}}})", f"v{{{{version}}}} {kind}") for name, kind in failures
            ),
            tuple(name for name, _ in failures),
            alerts=("HotshelfVersionFailsToLoad",),
        ),
        Panel(
            "Versions that gave way to others",
            (
                Query(
                    f"sum by (instance) (rate({PARKED}{{{FLEET}}}[$__rate_interval]))",
                    "{{instance}}",
                ),
            ),
            (PARKED,),
            PER_SECOND,
        ),
    )
