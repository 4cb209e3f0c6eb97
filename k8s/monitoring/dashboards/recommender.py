"""A recommender: what customers are shown."""

from k8s.monitoring.dashboards.queries import FLEET, MODEL, NAMESPACE, failed_share, quantile, quantiles, rate, sum_by
from k8s.monitoring.dashboards.spec import COUNT, PER_SECOND, SECONDS, SHARE, Board, Look, Panel, Query, Row, Variable
from k8s.monitoring.objectives import Objectives

ANSWERS, SCORE = "hotshelf_recommendations_total", "hotshelf_recommendation_score"
COVERAGE, DURATION = "hotshelf_recommendation_coverage_ratio", "hotshelf_call_duration_seconds"
DATA_END = "hotshelf_version_data_end_timestamp_seconds"
MODELS = Variable("model", f"label_values(hotshelf_recommendations_total{{{FLEET}}}, model)", every=False)
RECOMMEND = f'{MODEL},method="Recommend"'


def recommender(objectives: Objectives) -> Board:
    """How personal, how varied and how fast recommendations are."""
    return Board(
        "hotshelf-recommender",
        "Hotshelf, recommender",
        "A recommender: how personal its answers are, how its scores move, how much of the catalogue it shows.",
        (NAMESPACE, MODELS),
        (Row("Now", _now(objectives)), Row("Answers", _answers(objectives))),
    )


def _fallbacks(by: str) -> str:
    """The share of answers that are less personal than asked for."""
    less = sum_by(by, rate(ANSWERS, f'{MODEL},fallback!="none"'))
    every = sum_by(by, rate(ANSWERS, MODEL))
    return f"({less} or 0 * {every}) / {every}"


def _now(objectives: Objectives) -> tuple[Panel, ...]:
    number, seconds = Look.NUMBER, objectives.latency.seconds
    return (
        Panel("Answers", (Query(sum_by("", rate(ANSWERS, MODEL))),), (ANSWERS,), PER_SECOND, number, 6),
        Panel("Less personal than asked for", (Query(_fallbacks("")),), (ANSWERS,), SHARE, number, 6),
        Panel(
            "p99",
            (Query(quantile(0.99, DURATION, RECOMMEND)),),
            (DURATION,),
            SECONDS,
            number,
            6,
            alerts=("HotshelfLatencyBurnsFast",),
            limits=(seconds / 2, seconds),
        ),
        Panel("Catalogue shown in an hour", (Query(f"max({COVERAGE}{{{MODEL}}})"),), (COVERAGE,), SHARE, number, 6),
    )


def _answers(objectives: Objectives) -> tuple[Panel, ...]:
    kinds = sum_by("fallback", rate(ANSWERS, MODEL))
    return (
        Panel(
            "Answers by version",
            (Query(sum_by("version", rate(ANSWERS, MODEL)), "v{{version}}"),),
            (ANSWERS,),
            PER_SECOND,
            Look.STACK,
        ),
        Panel(
            "Answers by why they are less personal", (Query(kinds, "{{fallback}}"),), (ANSWERS,), PER_SECOND, Look.STACK
        ),
        Panel("Less personal than asked for", (Query(_fallbacks("version"), "v{{version}}"),), (ANSWERS,), SHARE),
        Panel(
            "Score of the first product",
            quantiles(SCORE, MODEL, "version", "v{{version}}", (0.1, 0.5, 0.9)),
            (SCORE,),
            COUNT,
            note="Interpolated within the buckets.",
        ),
        Panel(
            "Share of the catalogue shown in an hour",
            (Query(f"max by (version) ({COVERAGE}{{{MODEL}}})", "v{{version}}"),),
            (COVERAGE,),
            SHARE,
            note="Of the replica that shows most; different replicas show different products.",
        ),
        Panel(
            "Duration",
            quantiles(DURATION, RECOMMEND, "version", "v{{version}}", (0.5, 0.99)),
            (DURATION,),
            SECONDS,
            limits=(objectives.latency.seconds,),
            exemplars=True,
        ),
        Panel(
            "Failed by the server's fault",
            (Query(failed_share(MODEL, "version"), "v{{version}}"),),
            ("hotshelf_calls_total",),
            SHARE,
            width=12,
        ),
        Panel(
            "Age of the newest purchase",
            (Query(f"time() - max by (version) ({DATA_END}{{{MODEL}}})", "v{{version}}"),),
            (DATA_END,),
            SECONDS,
            width=12,
            alerts=("HotshelfModelStale",),
        ),
    )
