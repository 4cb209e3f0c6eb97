"""The global temporal split: one cut for everybody, whole days, no customer's future in another's past."""

from datetime import UTC, datetime

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.recommendation import Windows
from hotshelf_trainer.recommendation.artifacts import SECONDS_PER_DAY, Purchases, Split, Window


def split(purchases: Purchases, windows: Windows) -> Split:
    """Label windows back to back, the test window last. Raises ``DataError`` for a history too short for them."""
    length = windows.days * SECONDS_PER_DAY
    needed = windows.days * (windows.train + 2) + windows.history_days
    there = (purchases.end - purchases.begin) / SECONDS_PER_DAY
    if there < needed:
        raise DataError(
            f"the purchases span {there:.0f} days, from {day(purchases.begin)} to {day(purchases.end - 1)}; "
            f"{needed} are needed: {windows.history_days} days of history (windows.history_days) and "
            f"{windows.train + 2} windows of {windows.days} days (windows.train + validation + test)"
        )
    test, validation, *train = (
        Window(purchases.end - length * (back + 1), purchases.end - length * back) for back in range(windows.train + 2)
    )
    return Split(tuple(train), validation, test)


def day(moment: float) -> str:
    """ISO date (UTC) of seconds since the epoch."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
