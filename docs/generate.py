"""Writes docs/settings.md and docs/metrics.md from the definitions of the settings and metrics: `make docs`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from hotshelf_server.core.model_settings import BatchingSettings, ModelSettings, QueueSettings
from hotshelf_server.observability.catalogue import (
    CALL_METRICS,
    DATA_METRICS,
    MODEL_METRICS,
    PROCESS_METRICS,
    TRITON_METRICS,
    WORKER_METRICS,
    Kind,
    MetricSpec,
)
from hotshelf_server.observability.catalogue.calls import DURATION_BUCKETS
from hotshelf_server.observability.retention import RETENTION_SECONDS
from hotshelf_server.settings import PREFIX, Settings
from hotshelf_trainer.jobs.metrics import TRAINER_METRICS, TrainerMetric

FOLDER = Path(__file__).resolve().parent

HEAD = f"""# Settings

Made by `make docs`. Do not edit.

`hotshelf serve` takes its settings from a YAML file (`--config FILE`), from environment variables named `{PREFIX}` and
the setting's name in capitals, and from flags; the later goes over the earlier. What is unknown is refused, with the
name that was probably meant. `hotshelf serve --print-config` prints what holds, in a form that `--config` takes.
Everything is in seconds and bytes. With several [workers](workers.md), bounds on calls, streams and memory are divided
among them, and SIGHUP replaces them one by one.
"""

MODELS = """
## Of a model

Under `model_settings`, by the model's name, or under `*` for what a model's own settings don't say. They are taken over
while the server runs, when the file changes or on SIGHUP; all others hold from the next start on.

```yaml
model_settings:
  "*":
    queue: {max_waiting: 500}
  shop:
    concurrency: 4
    batching: {max_rows: 64, max_delay_seconds: 0.002}
```
"""

METRICS_HEAD = f"""# Metrics

Made by `make docs`. Do not edit.

The server exports these on `/metrics` of its metrics port, and nothing else; the trainer, those of the last section.
Names are as Prometheus knows them; the series of a histogram add `_bucket`, `_sum` and `_count`.

- Whoever asks for OpenMetrics by the header Accept, as Prometheus does, gets it, with exemplars: each bucket of
  `hotshelf_call_duration_seconds` leads to the trace of a call that fell in it, where the caller sent the metadata
  `traceparent` (W3C Trace Context) of a trace that is recorded. Prometheus keeps them with
  `--enable-feature=exemplar-storage`. Requests in streams have their stream's.
- Only models and methods that are served become labels. The series of a version that has gone end
  {RETENTION_SECONDS / 60:g} minutes later.
- Of several [workers](workers.md) all together is told. "total" never falls when a worker ends; the other words under
  "over workers" say what is made of the values that the workers have now.
- Health checks, reflection and probes of the server as a whole are not counted.

Durations have one set of buckets, in seconds: {", ".join(f"{bound:g}" for bound in DURATION_BUCKETS)}.
"""

TRITON_HEAD = """
## Triton's names

With the setting `triton_metrics`, for dashboards and autoscalers that were made for Triton Inference Server. All but
the gauge are counters, exported untyped, since Prometheus' formats would add `_total` to their names.
"""


TRAINER_HEAD = """
## The trainer

`hotshelf trainer serve` exports these on `/metrics` of its own metrics port (`--metrics-port`), beside those of the
process above.
"""


def table(model: type[BaseModel]) -> Iterator[str]:
    """One row for each setting."""
    yield "| setting | default | what it is |"
    yield "|---|---|---|"
    for name, field in model.model_fields.items():
        yield f"| `{name}` | {_default(model, name)} | {field.description} |"


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.default_factory is not None:
        return "as below" if name == "queue" else ""
    value = field.default
    if value is PydanticUndefined:
        return "must be given"
    value = getattr(value, "value", value)
    return "" if value in (None, (), {}) else f"`{value}`"


def settings_page() -> str:
    """All of docs/settings.md."""
    parts = [HEAD, "\n".join(table(Settings)), MODELS, "\n".join(table(ModelSettings))]
    for title, model in (("Its queue", QueueSettings), ("Its batching", BatchingSettings)):
        parts += [f"\n### {title}\n", "\n".join(table(model))]
    return "\n".join(parts) + "\n"


def metrics_table(specs: Sequence[MetricSpec]) -> Iterator[str]:
    """One row for each metric of the server."""
    yield "| metric | kind | over workers | unit | labels | what it is | when it looks wrong |"
    yield "|---|---|---|---|---|---|---|"
    for spec in specs:
        cells = (f"`{spec.exported}`", _kind(spec), spec.over_workers.value, spec.unit, _labels(spec))
        yield f"| {' | '.join(cells)} | {spec.help} | {spec.action} |"


def trainer_table(specs: Sequence[TrainerMetric]) -> Iterator[str]:
    """One row for each metric of the trainer."""
    yield "| metric | kind | unit | labels | what it is | when it looks wrong |"
    yield "|---|---|---|---|---|---|"
    for spec in specs:
        yield f"| `{spec.exported}` | {spec.kind} | {spec.unit} | {_labels(spec)} | {spec.help} | {spec.action} |"


def _labels(spec: MetricSpec | TrainerMetric) -> str:
    return ", ".join(f"`{label}`" for label in spec.labels)


def _kind(spec: MetricSpec) -> str:
    return "counter" if spec.kind is Kind.UNTYPED else spec.kind.value


def metrics_page() -> str:
    """All of docs/metrics.md."""
    parts = [METRICS_HEAD]
    sections = (
        ("Calls", CALL_METRICS),
        ("What is asked and answered", DATA_METRICS),
        ("Models and the store", MODEL_METRICS),
        ("The process", PROCESS_METRICS),
        ("Workers, where there are several", WORKER_METRICS),
    )
    for title, specs in sections:
        parts += [f"\n## {title}\n", "\n".join(metrics_table(specs))]
    parts += [TRITON_HEAD, "\n".join(metrics_table(TRITON_METRICS))]
    parts += [TRAINER_HEAD, "\n".join(trainer_table(TRAINER_METRICS))]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write both pages."""
    (FOLDER / "settings.md").write_text(settings_page())
    (FOLDER / "metrics.md").write_text(metrics_page())


if __name__ == "__main__":
    main()
