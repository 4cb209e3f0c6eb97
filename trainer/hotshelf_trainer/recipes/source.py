"""Where a table comes from: a file, a query over files, or one that scikit-learn carries."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from hotshelf_trainer.recipes.part import Part, at

BuiltIn = Literal["breast_cancer", "diabetes", "digits", "iris", "wine"]


class Source(Part):
    """One table: ``path`` alone, or ``builtin`` alone, or ``sql`` over ``tables``. Relative paths are the recipe's."""

    path: Path | None = Field(default=None, description="A .csv or .parquet file, a folder of them, or a glob.")
    builtin: BuiltIn | None = Field(default=None, description="A table that scikit-learn carries.")
    sql: str | None = Field(default=None, description="A query (DuckDB's SQL) whose result is the table.")
    tables: Mapping[str, Path | None] = Field(
        default={}, description="Files that the query reads, by the name that it gives them."
    )
    times: Mapping[str, str] = Field(
        default={}, description="By a file's name in the query, the column that says when its rows happened."
    )
    max_bad_share: float = Field(default=0.01, ge=0, le=1, description="Share of rows that may break the contract.")
    until: str | None = Field(default=None, description="ISO date or time (UTC): rows at or after it are ignored.")

    def at(self, folder: Path) -> "Source":
        """The same with its relative paths taken from a folder."""
        tables = {name: at(folder, path) for name, path in self.tables.items()}
        return self.model_copy(update={"path": at(folder, self.path), "tables": tables})

    def given(self, path: Path) -> "Source":
        """The same with the file that a person named: the table itself, or the only table of the query."""
        if self.sql is None:
            return self.model_copy(update={"path": path, "builtin": None})
        return self.model_copy(update={"tables": dict.fromkeys(self.tables, path)})

    @model_validator(mode="after")
    def _one_of_three(self) -> "Source":
        if sum(one is not None for one in (self.path, self.builtin, self.sql)) > 1:
            raise ValueError("path, builtin and sql each name the table: keep one")
        if self.sql is not None and not self.tables:
            raise ValueError("sql needs the files that it reads: name them in tables")
        if unknown := sorted(set(self.times) - set(self.tables)):
            raise ValueError(f"times names {unknown[0]!r}, which tables doesn't")
        if self.tables and self.sql is None:
            raise ValueError("tables are what a query reads: add sql, or keep path alone")
        return self
