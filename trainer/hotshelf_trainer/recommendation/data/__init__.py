"""Purchases from a CSV or parquet file, as the recipe maps them, with errors that say which column, row and value.

Nothing but numbers is held for every line: the file is read as a stream, names become integers on the way, and returns
and baskets are settled for some customers at a time. 100 million lines take about 6 GB.
"""

from hotshelf_trainer.recommendation.data.purchases import purchases_from

__all__ = ["purchases_from"]
