"""The trainer: what it trains, how that ends, and whether it keeps its schedules."""

from k8s.monitoring.dashboards.queries import FLEET, TRAINERS, rate
from k8s.monitoring.dashboards.spec import BYTES, COUNT, SECONDS, Board, Look, Panel, Query, Row, Variable
from k8s.monitoring.objectives import Limits, Objectives

STATES, ENDED = "hotshelf_trainings", "hotshelf_trainings_ended_total"
TOOK, SUCCESS = "hotshelf_training_duration_seconds", "hotshelf_training_success_timestamp_seconds"
WAITING, NEXT = "hotshelf_training_waiting_seconds", "hotshelf_schedule_next_timestamp_seconds"
NAMESPACE = Variable("namespace", "label_values(hotshelf_trainer_build_info, namespace)")


def trainer(objectives: Objectives) -> Board:
    """Trainings by state and end, their durations, and schedules."""
    return Board(
        "hotshelf-trainer",
        "Hotshelf, trainer",
        "The trainer: what runs and waits, how trainings end, how long they take, and whether schedules are kept.",
        (NAMESPACE,),
        (
            Row("Now", _now(objectives.limits)),
            Row("Trainings", _trainings(objectives.limits)),
            Row("Process", _process()),
        ),
    )


def _now(limits: Limits) -> tuple[Panel, ...]:
    number = Look.NUMBER
    bad = f'{ENDED}{{{FLEET},state=~"FAILED|LOST"}}'
    return (
        Panel(
            "Trainers up",
            (Query(f"sum(up{{{TRAINERS}}})"),),
            (),
            COUNT,
            number,
            6,
            note="Trainers that can be scraped.",
            alerts=("HotshelfTrainerDown",),
        ),
        Panel("Running", (Query(f'sum({STATES}{{{FLEET},state="RUNNING"}})'),), (STATES,), COUNT, number, 6),
        Panel(
            "Longest wait",
            (Query(f"max({WAITING}{{{FLEET}}})"),),
            (WAITING,),
            SECONDS,
            number,
            6,
            alerts=("HotshelfTrainingWaits",),
            limits=(limits.training_wait_seconds / 2, limits.training_wait_seconds),
        ),
        Panel(
            "Failed or lost in a day",
            (Query(f"sum(increase({bad}[1d])) or vector(0)"),),
            (ENDED,),
            COUNT,
            number,
            6,
            alerts=("HotshelfTrainingFails",),
            limits=(1, 3),
        ),
    )


def _trainings(limits: Limits) -> tuple[Panel, ...]:
    quantiles = tuple(
        Query(
            f"histogram_quantile({share}, sum by (model, le) (increase({TOOK}_bucket{{{FLEET}}}[1d])))",
            f"{{{{model}}}} p{share * 100:g}",
        )
        for share in (0.5, 0.9)
    )
    return (
        Panel("By state", (Query(f"sum by (state) ({STATES}{{{FLEET}}})", "{{state}}"),), (STATES,), look=Look.STACK),
        Panel(
            "Ended in a day",
            (Query(f"sum by (model, state) (increase({ENDED}{{{FLEET}}}[1d]))", "{{model}} {{state}}"),),
            (ENDED,),
            alerts=("HotshelfTrainingFails",),
        ),
        Panel("Duration, over a day", quantiles, (TOOK,), SECONDS),
        Panel(
            "Since the last success",
            (Query(f"time() - max by (model) ({SUCCESS}{{{FLEET}}})", "{{model}}"),),
            (SUCCESS,),
            SECONDS,
            alerts=("HotshelfModelStale",),
        ),
        Panel(
            "Longest wait",
            (Query(f"{WAITING}{{{FLEET}}}", "{{instance}}"),),
            (WAITING,),
            SECONDS,
            alerts=("HotshelfTrainingWaits",),
            limits=(limits.training_wait_seconds / 2, limits.training_wait_seconds),
        ),
        Panel(
            "Until the next training of a schedule",
            (Query(f"max by (schedule) ({NEXT}{{{FLEET}}}) - time()", "{{schedule}}"),),
            (NEXT,),
            SECONDS,
            note="Below 0 it is late.",
            alerts=("HotshelfScheduleOverdue",),
        ),
    )


def _process() -> tuple[Panel, ...]:
    return (
        Panel(
            "Processors",
            (Query(rate("process_cpu_seconds_total", TRAINERS), "{{instance}}"),),
            (),
            width=12,
            note="Of the trainer itself; its trainings are processes of their own.",
        ),
        Panel(
            "Memory",
            (Query(f"process_resident_memory_bytes{{{TRAINERS}}}", "{{instance}}"),),
            (),
            BYTES,
            width=12,
            note="Of the trainer itself; its trainings are processes of their own.",
        ),
    )
