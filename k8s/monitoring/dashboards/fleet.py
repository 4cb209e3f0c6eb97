"""The fleet: whether callers are served, and whether replicas are well."""

from k8s.monitoring.dashboards.queries import (
    ASKED,
    FLEET,
    NAMESPACE,
    failed_share,
    quantile,
    quantiles,
    rate,
    sum_by,
)
from k8s.monitoring.dashboards.replicas import replicas, tables
from k8s.monitoring.dashboards.spec import COUNT, PER_SECOND, SECONDS, SHARE, Board, Look, Panel, Query, Row
from k8s.monitoring.objectives import Objectives
from k8s.monitoring.rules.recording import ratio

CALLS, DURATION = "hotshelf_calls_total", "hotshelf_call_duration_seconds"
BURNS = (1.0, 6.0)
"""Rates from which on an alert fires in the end, and soon."""


def fleet(objectives: Objectives) -> Board:
    """The dashboard to begin with."""
    return Board(
        "hotshelf-fleet",
        "Hotshelf, fleet",
        "All models and replicas: whether callers are served as promised, where calls wait or are refused.",
        (NAMESPACE,),
        (
            Row("Now", _now(objectives)),
            Row("Calls", _calls()),
            Row("Objectives", _objectives(objectives)),
            Row("Replicas", replicas(objectives.limits)),
            Row("Alerts and versions", tables()),
        ),
    )


def _now(objectives: Objectives) -> tuple[Panel, ...]:
    number = Look.NUMBER
    budget, seconds = 1 - objectives.availability, objectives.latency.seconds
    firing = 'count(ALERTS{alertname=~"Hotshelf.+",alertstate="firing",namespace=~"$namespace"}) or vector(0)'
    return (
        Panel(
            "Ready replicas",
            (Query(f"sum(hotshelf_ready{{{FLEET}}})"),),
            ("hotshelf_ready",),
            look=number,
            width=4,
            alerts=("HotshelfNoReadyServer",),
        ),
        Panel(
            "Models",
            (Query(f"count(count by (model) (hotshelf_version_state{{{FLEET}}}))"),),
            (),
            look=number,
            width=4,
            note="Models of which some replica knows a version.",
        ),
        Panel("Calls", (Query(sum_by("", rate(CALLS, FLEET))),), (CALLS,), PER_SECOND, number, 4),
        Panel(
            "Failed by the server's fault",
            (Query(failed_share(FLEET)),),
            (CALLS,),
            SHARE,
            number,
            4,
            alerts=("HotshelfAvailabilityBurnsFast",),
            limits=(budget, 10 * budget),
        ),
        Panel(
            "p99 of calls to models",
            (Query(quantile(0.99, DURATION, f"{FLEET},{ASKED}")),),
            (DURATION,),
            SECONDS,
            number,
            4,
            alerts=("HotshelfLatencyBurnsFast",),
            limits=(seconds / 2, seconds),
        ),
        Panel(
            "Alerts that fire",
            (Query(firing),),
            (),
            look=number,
            width=4,
            note="Alerts of the shipped rules.",
            limits=(1,),
        ),
    )


def _calls() -> tuple[Panel, ...]:
    refused = "hotshelf_calls_refused_total"
    return (
        Panel(
            "Calls by model",
            (Query(sum_by("model", rate(CALLS, FLEET)), "{{model}}"),),
            (CALLS,),
            PER_SECOND,
            Look.STACK,
        ),
        Panel(
            "Calls by code, but OK",
            (Query(sum_by("code", rate(CALLS, f'{FLEET},code!="OK"')), "{{code}}"),),
            (CALLS,),
            PER_SECOND,
            Look.STACK,
        ),
        Panel(
            "Given up before the model answered",
            (Query(sum_by("model, reason", rate(refused, FLEET)), "{{model}} {{reason}}"),),
            (refused,),
            PER_SECOND,
            alerts=("HotshelfCallsRefused",),
        ),
        Panel(
            "Duration of calls to models",
            quantiles(DURATION, f"{FLEET},{ASKED}", "", "", (0.5, 0.9, 0.99)),
            (DURATION,),
            SECONDS,
            exemplars=True,
        ),
        Panel(
            "p99 by model",
            (Query(quantile(0.99, DURATION, f"{FLEET},{ASKED}", "model"), "{{model}}"),),
            (DURATION,),
            SECONDS,
        ),
        Panel(
            "p99 of waiting by model",
            (Query(quantile(0.99, "hotshelf_queue_duration_seconds", FLEET, "model"), "{{model}}"),),
            ("hotshelf_queue_duration_seconds",),
            SECONDS,
        ),
    )


def _objectives(objectives: Objectives) -> tuple[Panel, ...]:
    kinds = (
        ("Failed calls", "failed_calls", 1 - objectives.availability, "Availability"),
        ("Slow calls", "slow_calls", 1 - objectives.latency.objective, "Latency"),
    )
    return tuple(
        Panel(
            f"{title}: times as many as may be",
            tuple(
                Query(f"{ratio(kind, window)}{{{FLEET}}} / {budget:.6g}", f"{{{{model}}}} {window}")
                for window in ("5m", "1h")
            ),
            (),
            COUNT,
            width=12,
            note="1 uses up exactly what the objective allows in 30 days; above 14.4 for an hour, somebody is paged.",
            alerts=(f"Hotshelf{name}BurnsFast", f"Hotshelf{name}BurnsSlowly"),
            limits=BURNS,
        )
        for title, kind, budget, name in kinds
    )
