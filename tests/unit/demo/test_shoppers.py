"""The customers that are shown are known to version 1."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hotshelf_demo import shoppers
from hotshelf_demo.material import Material


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_customers_come_by_purchases_before_the_cut(tmp_path: Path, zone: str | None) -> None:
    moments = [datetime(2026, 1, day) for day in (1, 2, 3, 4, 20)]  # noqa: DTZ001 - the column has the zone
    table = pa.table(
        {
            "who": [7, 8, 8, None, 9],
            "when": pa.array(moments, pa.timestamp("us", zone)),
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    material = Material("", tmp_path / "p.parquet", tmp_path, "who", "when", tmp_path, "2026-01-10")
    assert shoppers.known(material) == ["8", "7"]


def test_shown_customers_are_of_every_kind() -> None:
    assert shoppers.shown([str(place) for place in range(100)]) == ["5", "50", "90", shoppers.UNKNOWN]
