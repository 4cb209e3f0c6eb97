"""The customers whose recommendations are shown, and those that the traffic asks for."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hotshelf_demo.material import Material

UNKNOWN = "nobody-knows-me"


def known(material: Material) -> list[str]:
    """The customers that version 1 learns from, first those with the most purchases."""
    columns = [material.customer_column, material.time_column]
    customers, times = pq.read_table(material.purchases, columns=columns).columns
    earlier = pc.less(times.cast(pa.timestamp("us")), pa.scalar(datetime.fromisoformat(material.cut)))
    counts = pc.value_counts(customers.filter(earlier).drop_null()).to_pylist()
    counts.sort(key=lambda entry: (-entry["counts"], str(entry["values"])))
    return [str(entry["values"]) for entry in counts]


def shown(customers: list[str]) -> list[str]:
    """A regular, an average and an occasional customer, and one whom no model knows."""
    places = (len(customers) // 20, len(customers) // 2, len(customers) * 9 // 10)
    return [*(customers[place] for place in places), UNKNOWN]
