"""Alerts on the trainer: whether it is there, trains, and keeps to its schedules."""

from collections.abc import Iterator

from k8s.monitoring.objectives import Limits
from k8s.monitoring.rules.recording import BY_MODEL
from k8s.monitoring.rules.spec import Alert, Severity


def training_alerts(limits: Limits) -> Iterator[Alert]:
    """All of them."""
    yield Alert(
        "HotshelfTrainerDown",
        'up{job="hotshelf-trainer"} == 0',
        "5m",
        Severity.WARNING,
        "Trainer {{ $labels.instance }} can't be scraped",
        "/metrics of {{ $labels.instance }} has not answered for 5 minutes. Models are served on, and grow old.",
    )
    yield Alert(
        "HotshelfTrainingFails",
        f'sum by ({BY_MODEL}) (increase(hotshelf_trainings_ended_total{{state=~"FAILED|LOST"}}[1h])) > 0',
        "1m",
        Severity.WARNING,
        "Trainings of model {{ $labels.model }} fail",
        "A training of model {{ $labels.model }} has failed or was lost within the last hour.",
    )
    yield Alert(
        "HotshelfTrainingWaits",
        f"hotshelf_training_waiting_seconds > {limits.training_wait_seconds}",
        "5m",
        Severity.WARNING,
        "A training waits on {{ $labels.instance }}",
        "A training has been waiting for its turn for {{ $value | humanizeDuration }} on {{ $labels.instance }}.",
    )
    yield Alert(
        "HotshelfScheduleOverdue",
        f"time() - hotshelf_schedule_next_timestamp_seconds > {limits.schedule_late_seconds}",
        "5m",
        Severity.WARNING,
        "Schedule {{ $labels.schedule }} is overdue",
        "Schedule {{ $labels.schedule }} should have begun a training {{ $value | humanizeDuration }} ago.",
    )
