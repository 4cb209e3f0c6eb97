"""Does a feature know the future? The query is run again as if nothing had happened since a cut, and must say the same.

What a row's features say must be known at the row's own time. So for the rows before the cut they are compared bit for
bit with those from tables whose later rows were removed. The target may differ: it is what the future says.
"""

from collections.abc import Sequence

import polars as pl

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.source import Source
from hotshelf_trainer.table.reading import read_table
from hotshelf_trainer.table.roles import Roles
from hotshelf_trainer.verdict import Check

NAME = "no feature knows the future"


def leak_test(table: pl.DataFrame, source: Source, roles: Roles, cut: object) -> Check:
    """Passed where no feature changed; refused by the names of those that did. ``cut``: a value of the time column.

    Rows are matched by id, group and time; one that is gone without the future can't be compared. Raises ``DataError``
    where these don't tell rows apart, and where the query gives other columns then.
    """
    keys = [name for name in (roles.id, roles.group, roles.time) if name is not None]
    earlier = read_table(source, before=cut)
    if missing := [name for name in (*keys, *roles.features) if name not in earlier.columns]:
        raise DataError(f"the query gives no column {missing[0]!r} on earlier data; expected the same columns")
    now, then = (_known(one, keys, roles, cut) for one in (table, earlier))
    both = now.join(then, on=keys, how="inner", suffix=THEN, nulls_equal=True)
    changed = [name for name in roles.features if not both[name].equals(both[name + THEN].alias(name), null_equal=True)]
    what = f"{', '.join(changed)} changed" if changed else f"the features of {len(both):,} rows are the same"
    gone = f" ({len(now) - len(both):,} more are gone)" if len(both) < len(now) else ""
    reason = f"{what}{gone} when all that happened since {cut} is removed"
    return Check(NAME, not changed and len(both) > 0, reason)


THEN = " without the future"


def _known(table: pl.DataFrame, keys: Sequence[str], roles: Roles, cut: object) -> pl.DataFrame:
    """Keys and features of the rows before the cut; each key once."""
    time = table[roles.time or ""]
    earlier = table.filter(time < pl.Series([cut], dtype=time.dtype)[0])
    if not keys or earlier.select(keys).is_duplicated().any():
        raise DataError(
            "data.times asks for the leak test, which must know a row again, but id, group and time don't tell all "
            "rows apart; name a column as id that does"
        )
    return earlier.select(*keys, *roles.features)
