"""The customers whose recommendations are shown, and those that the traffic asks for."""

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

UNKNOWN = "nobody-knows-me"


def by_purchases(purchases: Path, column: str) -> list[str]:
    """All customers, first those with the most purchases."""
    customers = pq.read_table(purchases, columns=[column])[column]
    counts = pc.value_counts(customers.drop_null()).to_pylist()
    counts.sort(key=lambda entry: (-entry["counts"], str(entry["values"])))
    return [str(entry["values"]) for entry in counts]


def shown(customers: list[str]) -> list[str]:
    """A regular, an average and an occasional customer, and one whom no model knows."""
    return [
        customers[len(customers) // 20],
        customers[len(customers) // 2],
        customers[len(customers) * 9 // 10],
        UNKNOWN,
    ]
