"""PromQL that several panels ask, with Grafana's variables in it."""

from k8s.monitoring.dashboards.spec import Query, Variable
from k8s.monitoring.rules.recording import MODEL_CALLS, SERVER_FAULTS

FLEET = 'namespace=~"$namespace"'
MODEL = f'{FLEET},model="$model"'
VERSION = f'{MODEL},version=~"$version"'
ASKED = f'method=~"{MODEL_CALLS}"'
FAULTS = f'code=~"{"|".join(SERVER_FAULTS)}"'
SERVERS = f'job="hotshelf-server",{FLEET}'
TRAINERS = f'job="hotshelf-trainer",{FLEET}'

PROMOTED = Query(f"max by (model) (changes(hotshelf_alias_revision{{{MODEL}}}[1m])) > 0", "Aliases changed")
"""A promotion, a step of a canary, a rollback."""

NAMESPACE = Variable("namespace", "label_values(hotshelf_build_info, namespace)")
MODELS = Variable("model", f"label_values(hotshelf_version_state{{{FLEET}}}, model)", every=False)
VERSIONS = Variable("version", f"label_values(hotshelf_version_state{{{MODEL}}}, version)")


def rate(metric: str, matchers: str) -> str:
    """By the second, over what fits the step of the graph."""
    return f"rate({metric}{{{matchers}}}[$__rate_interval])"


def sum_by(labels: str, expr: str) -> str:
    """A sum, over all where no labels are named."""
    return f"sum by ({labels}) ({expr})" if labels else f"sum({expr})"


def quantile(share: float, metric: str, matchers: str, by: str = "") -> str:
    """A quantile of a histogram, over all replicas."""
    labels = f"{by}, le" if by else "le"
    return f"histogram_quantile({share:g}, {sum_by(labels, rate(f'{metric}_bucket', matchers))})"


def quantiles(metric: str, matchers: str, by: str, legend: str, shares: tuple[float, ...]) -> tuple[Query, ...]:
    """Several of them, each named by its percentage behind ``legend``."""
    return tuple(Query(quantile(share, metric, matchers, by), f"{legend} p{share * 100:g}".strip()) for share in shares)


def failed_share(matchers: str, by: str = "") -> str:
    """The share of calls that failed by the server's fault; 0, not absent, where none did."""
    calls = sum_by(by, rate("hotshelf_calls_total", f"{matchers},{ASKED}"))
    failed = sum_by(by, rate("hotshelf_calls_total", f"{matchers},{ASKED},{FAULTS}"))
    return f"({failed} or 0 * {calls}) / {calls}"
