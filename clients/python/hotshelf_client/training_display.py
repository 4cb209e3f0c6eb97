"""Trainings as people read them: a list, and one that passes by."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hotshelf_client.training_answers import Line, Schedule, Stage, StateChange, Training, TrainingEvent

DAY = 86_400
"""Seconds."""


def table(trainings: Sequence[Training]) -> RenderableType:
    """One row for each."""
    shown = Table(box=box.SIMPLE_HEAD)
    for column in ("training", "model", "state", "version", "created", "seconds", "detail"):
        shown.add_column(column)
    for one in trainings:
        created = one.created_at.strftime("%Y-%m-%d %H:%M:%S") if one.created_at else ""
        version = str(one.version or "")
        shown.add_row(str(one.id), one.model, one.state, version, created, _seconds(one), one.detail.split("\n")[0])
    return shown


def schedule_table(schedules: Sequence[Schedule]) -> RenderableType:
    """One row for each."""
    shown = Table(box=box.SIMPLE_HEAD)
    for column in ("schedule", "model", "cron (UTC)", "next", "only if", "last training"):
        shown.add_column(column)
    for one in schedules:
        due = one.next_at.strftime("%Y-%m-%d %H:%M") if one.next_at else ""
        last = str(one.last_training or "")
        shown.add_row(str(one.id), one.model or "the recipe's name", one.cron, due, _occasion(one), last)
    return shown


def _occasion(schedule: Schedule) -> str:
    older = f"older than {schedule.if_older_seconds / DAY:g} days" if schedule.if_older_seconds else ""
    moved = f"drift above {schedule.if_drift:g}" if schedule.if_drift else ""
    return " or ".join(part for part in (older, moved) if part)


def show(events: Iterable[TrainingEvent], console: Console) -> StateChange | None:
    """Show events as they come: a bar where there is a terminal, a line for what is over everywhere.

    Returns the last state that it came into.
    """
    last: StateChange | None = None
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("", total=1.0, visible=False)
        for event in events:
            if event.dropped:
                console.print(f"({event.dropped} earlier events are no longer kept)")
            match event.what:
                case Stage(title=title, over=True, seconds=seconds):
                    bars.update(bar, visible=False)
                    console.print(f"  {title} {seconds:.1f} s")
                case Stage(title=title, share=share):
                    if bars.tasks[0].description != title:
                        bars.reset(bar, description=title)
                    bars.update(bar, completed=share, visible=True)
                case Line(text=text):
                    console.print(text)
                case StateChange() as last:
                    bars.update(bar, visible=False)
                    console.print(_change(last))
    return last


def _change(change: StateChange) -> str:
    again = f", attempt {change.attempt}" if change.state == "running" and change.attempt > 1 else ""
    why = ": ".join(part for part in (change.reason, change.detail) if part)
    return f"{change.state}{again}" + (f": {why}" if why else "")


def _seconds(training: Training) -> str:
    if training.started_at is None or training.ended_at is None:
        return ""
    return f"{(training.ended_at - training.started_at).total_seconds():.0f}"
