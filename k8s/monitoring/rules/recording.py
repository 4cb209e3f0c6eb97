"""What is recorded: rate, errors and durations of calls, and the share of bad calls over the windows of the burn rates.

Everything keeps ``namespace``, so that two installations under one Prometheus stay apart; where there is none, as on
one machine, the label is empty. Replicas are summed up.
"""

from collections.abc import Iterator

from k8s.monitoring.objectives import Objectives
from k8s.monitoring.rules.spec import Recording

MODEL_CALLS = "ModelInfer|ModelStreamInfer|Recommend"
"""The methods that ask a model: the objectives are of these."""

SERVER_FAULTS = ("DATA_LOSS", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "UNKNOWN")
"""Status codes by which the server failed its caller.

INTERNAL, UNKNOWN and DATA_LOSS are faults outright. UNAVAILABLE and RESOURCE_EXHAUSTED say that there were too few
replicas, or none. DEADLINE_EXCEEDED counts too: the server refuses what it can't answer in time, and whether a caller
or the server is to blame for that is a question for whoever looks, not a reason not to look. All others are the
caller's doing: names that don't exist, tensors that don't fit, and CANCELLED, for those who left before their deadline.
"""

WINDOWS = ("30m", "1h", "2h", "6h", "1d", "3d")
"""The windows of the burn rates beyond the first, which is `BASE`."""

BASE = "5m"
BY_MODEL = "namespace, model"
CALLS = "namespace_model_version_method_code:hotshelf_calls:rate5m"
DURATIONS = "namespace_model_version_method_le:hotshelf_call_duration_seconds_bucket:rate5m"


def red() -> Iterator[Recording]:
    """Rate and errors by code, durations by bucket, and their 99th percentile of each version."""
    yield Recording(CALLS, f"sum by ({BY_MODEL}, version, method, code) (rate(hotshelf_calls_total[{BASE}]))")
    yield Recording(
        DURATIONS, f"sum by ({BY_MODEL}, version, method, le) (rate(hotshelf_call_duration_seconds_bucket[{BASE}]))"
    )
    quantile = f'histogram_quantile(0.99, sum by ({BY_MODEL}, version, le) ({DURATIONS}{{method=~"{MODEL_CALLS}"}}))'
    yield Recording("namespace_model_version:hotshelf_call_duration_seconds:p99_5m", quantile)


def slo(objectives: Objectives) -> Iterator[Recording]:
    """Share of bad calls over each window, and bad calls of the last hour, for both objectives.

    The long windows add up what the shortest recorded, which costs Prometheus a few series where the counters would
    cost it thousands. No bad calls are recorded as 0; a model that nobody calls has no share.
    """
    asked = f'model!="",method=~"{MODEL_CALLS}"'
    bound = str(float(objectives.latency.seconds))  # as the server writes its buckets
    count = f"hotshelf_call_duration_seconds_count{{{asked}}}"
    answered = f'hotshelf_call_duration_seconds_bucket{{{asked},le="{bound}"}}'
    failed = f'hotshelf_calls_total{{{asked},code=~"{"|".join(SERVER_FAULTS)}"}}'
    all_calls = f"{level('calls')}:rate{BASE}"
    yield Recording(all_calls, _sum(f"rate({count}[{BASE}])"))
    yield Recording(f"{level('failed_calls')}:rate{BASE}", f"{_sum(f'rate({failed}[{BASE}])')} or 0 * {all_calls}")
    yield Recording(
        f"{level('slow_calls')}:rate{BASE}", f"clamp_min({all_calls} - {_sum(f'rate({answered}[{BASE}])')}, 0)"
    )
    yield Recording(f"{level('failed_calls')}:increase1h", _sum(f"increase({failed}[1h])"))
    yield Recording(
        f"{level('slow_calls')}:increase1h", f"{_sum(f'increase({count}[1h])')} - {_sum(f'increase({answered}[1h])')}"
    )
    for kind in ("failed_calls", "slow_calls"):
        yield Recording(ratio(kind, BASE), f"{level(kind)}:rate{BASE} / ({all_calls} > 0)")
        for window in WINDOWS:
            sums = [f"sum_over_time({level(one)}:rate{BASE}[{window}])" for one in (kind, "calls")]
            yield Recording(ratio(kind, window), f"{sums[0]} / ({sums[1]} > 0)")


def level(kind: str) -> str:
    """The begin of the name of what is recorded of a model."""
    return f"namespace_model:hotshelf_{kind}"


def ratio(kind: str, window: str) -> str:
    """The name of the share of ``failed_calls`` or ``slow_calls`` over a window."""
    return f"{level(kind)}:ratio_rate{window}"


def _sum(expr: str) -> str:
    return f"sum by ({BY_MODEL}) ({expr})"
