"""Writes the tables of docs/settings.md from the settings' own definitions: `make docs`."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from hotshelf_server.core.model_settings import BatchingSettings, ModelSettings, QueueSettings
from hotshelf_server.settings import PREFIX, Settings

OUT = Path(__file__).resolve().parent / "settings.md"

HEAD = f"""# Settings

Made by `make docs`. Do not edit.

`hotshelf serve` takes its settings from a YAML file (`--config FILE`), from environment variables named `{PREFIX}` and
the setting's name in capitals, and from flags; the later goes over the earlier. What is unknown is refused, with the
name that was probably meant. `hotshelf serve --print-config` prints what holds, in a form that `--config` takes.
Everything is in seconds and bytes.
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


def main() -> None:
    """Write the page."""
    parts = [HEAD, "\n".join(table(Settings)), MODELS, "\n".join(table(ModelSettings))]
    for title, model in (("Its queue", QueueSettings), ("Its batching", BatchingSettings)):
        parts += [f"\n### {title}\n", "\n".join(table(model))]
    OUT.write_text("\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
