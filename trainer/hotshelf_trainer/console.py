"""A training on a terminal: stages as they pass, then what came of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hotshelf_trainer.outcome import Outcome
from hotshelf_trainer.progress import Share
from hotshelf_trainer.reproduction import Reproduction

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
    """Scores, findings, verdict, version."""
    table = Table(title=outcome.scores.title)
    for column in ("", *outcome.scores.columns):
        table.add_column(column)
    for row in outcome.scores.rows:
        table.add_row(*row)
    console.print(table)
    for finding in outcome.findings:
        console.print(f"  {finding}")
    for check in outcome.verdict.checks:
        mark = "[green]passed[/green]" if check.passed else "[red]FAILED[/red]"
        console.print(f"  {mark} {check.name}: {check.reason}")
    published = outcome.published
    console.print(
        f"[bold]{published.model} version {published.version}[/bold] published in {outcome.seconds:.0f} s; "
        f"{published.standing}"
    )


def show_reproduction(again: Reproduction) -> None:
    """File by file, then what it comes to."""
    for path in again.same:
        console.print(f"  [green]same bytes[/green] {path}")
    for path in again.differ:
        console.print(f"  [red]DIFFERS[/red] {path}")
    for reason in again.reasons:
        console.print(f"  {reason}")
    said = "not reproduced" if again.differ else "reproduced, byte for byte"
    console.print(f"[bold]{again.model} version {again.version}[/bold] {said}")
