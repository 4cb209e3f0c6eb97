"""What the demo shows."""

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hotshelf_client import Recommendations, Version
from hotshelf_demo.figures import Phase, answered, phases, problems, quality
from hotshelf_demo.record import MODEL, Outcome, Places


def recommendations(customer: str, answer: Recommendations) -> RenderableType:
    """A customer's products by name, with reasons."""
    note = "" if answer.fallback == "none" else f" ({answer.fallback.replace('_', ' ')})"
    table = _table(f"Customer {customer}{note}, answered by version {answer.version}", "product", "why")
    for item in answer.items:
        table.add_row(Text(item.title or item.product), Text(item.reason.text))
    return table


def summary(outcome: Outcome, places: Places) -> RenderableType:
    """The end of the demo."""
    wrong = problems(outcome)
    verdict = Text("\n".join(wrong), style="bold red") if wrong else Text(_success(outcome), style="bold green")
    peak = outcome.peak_memory_mib
    facts = [
        f"{outcome.seconds:.0f} s in all" + (f"; the server's memory peaked at {peak:.0f} MiB" if peak else ""),
        f"reports   {places.report(1) / 'report.html'}, {places.report(2) / 'report.html'}",
        f"metrics   {places.metrics}",
        f"store     {places.store}; serve it again: hotshelf serve --store {places.store}",
    ]
    parts: list[RenderableType] = [_quality(outcome.versions[0]), _latency(phases(outcome.calls, outcome.times))]
    return Panel(Group(*parts, Text("\n".join(facts)), verdict), title="Summary", box=box.ROUNDED)


def _success(outcome: Outcome) -> str:
    shares = ", ".join(f"{calls:,} by version {version}" for version, calls in answered(outcome.calls).items())
    return f"{len(outcome.calls):,} calls answered ({shares}), 0 failed"


def _quality(version: Version) -> Table:
    table = _table(f"NDCG@10 of {MODEL} version {version.version} on the last weeks (95 % intervals)")
    rows = quality(version)
    scopes = list(dict.fromkeys(scope for _, cells in rows for scope in cells))
    for column in ("", *(f"{scope} products" for scope in scopes)):
        table.add_column(column)
    for subject, cells in rows:
        table.add_row(subject, *(cells.get(scope, "") for scope in scopes))
    return table


def _latency(found: list[Phase]) -> Table:
    table = _table("Calls, with client, server and trainer on the same cores", "", "calls", "failed", "p50", "p99")
    for phase in found:
        times = (f"{phase.p50_ms:.1f} ms", f"{phase.p99_ms:.1f} ms")
        table.add_row(phase.name, f"{phase.calls:,}", str(phase.failed), *times)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column)
    return table
