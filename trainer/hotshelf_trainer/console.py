"""A training on a terminal: stages as they pass, then what came of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hotshelf_trainer.progress import Share
from hotshelf_trainer.recommendation.artifacts import SCOPES, Figures
from hotshelf_trainer.recommendation.pipeline import Outcome

console = Console(stderr=True, highlight=False)


class RichProgress:
    """Shows a bar where there is a terminal, and a line for each finished stage everywhere."""

    @contextmanager
    def stage(self, title: str) -> Iterator[Share]:
        """One bar; its line stays when the stage is over."""
        began = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
            task = bars.add_task(title, total=1.0)
            yield lambda share: bars.update(task, completed=share)
        console.print(f"  {title} [dim]{time.monotonic() - began:.1f} s[/dim]")

    def say(self, text: str) -> None:
        """A line."""
        console.print(text)


def show(outcome: Outcome) -> None:
    """Figures, verdict, version."""
    figures, published = outcome.figures, outcome.published
    console.print(_table(figures))
    verdict = figures.verdict
    for check in verdict.checks:
        mark = "[green]passed[/green]" if check.passed else "[red]FAILED[/red]"
        console.print(f"  {mark} {check.name}: {check.reason}")
    console.print(
        f"[bold]{published.model} version {published.version}[/bold] published in {figures.seconds:.0f} s; "
        f"champion is version {published.champion}: {published.note}"
    )


def _table(figures: Figures) -> Table:
    table = Table(title="NDCG@10 on the test window, with 95 % intervals over customers")
    table.add_column("")
    for scope in SCOPES:
        table.add_column(f"{scope} products")
    for subject in figures.evaluation.subjects:
        cells = [figures.evaluation.ndcg[subject, scope] for scope in SCOPES]
        table.add_row(subject, *(f"{cell.mean:.4f} ({cell.low:.4f}, {cell.high:.4f})" for cell in cells))
    return table
