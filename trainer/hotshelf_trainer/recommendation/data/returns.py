"""What was taken back, and when."""

import polars as pl

KEPT_FOR_EVER = float("inf")


def netted(lines: pl.DataFrame) -> pl.DataFrame:
    """The purchases among ``lines``, with ``returned``: when each was taken back in full, else infinity.

    ``lines``: customer, product, time, basket, quantity; negative quantities are returns. A return takes back the
    newest earlier purchases of its customer and product first; one of what was never bought has no effect.
    """
    lines = lines.with_row_index("line")
    pair = ("customer", "product")
    affected = lines.filter((pl.col("quantity") < 0).any().over(*pair)).sort(*pair, "time", "basket")
    moments = pl.DataFrame(_taken_back(affected), schema={"line": pl.UInt32, "returned": pl.Float64}, orient="row")
    bought = lines.filter(pl.col("quantity") > 0).join(moments, on="line", how="left")
    return bought.with_columns(pl.col("returned").fill_null(KEPT_FOR_EVER)).drop("line")


def _taken_back(lines: pl.DataFrame) -> list[tuple[int, float]]:
    """(line, time) of the purchases taken back in full; ``lines`` are sorted by pair and time."""
    found: list[tuple[int, float]] = []
    standing: list[list[float]] = []
    pair: tuple[int, int] | None = None
    for customer, product, line, time, quantity in lines.select(
        "customer", "product", "line", "time", "quantity"
    ).iter_rows():
        if pair != (customer, product):
            pair, standing = (customer, product), []
        if quantity > 0:
            standing.append([line, quantity])
            continue
        left = -quantity
        while left > 0 and standing:
            taken = min(left, standing[-1][1])
            left -= taken
            standing[-1][1] -= taken
            if standing[-1][1] == 0:
                found.append((int(standing.pop()[0]), time))
    return found
