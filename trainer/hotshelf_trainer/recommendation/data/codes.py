"""Names as integers: the place of each among the sorted ones."""

import polars as pl

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Catalogue
from hotshelf_trainer.recommendation.data.files import collected
from hotshelf_trainer.recommendation.data.lines import ATTRIBUTES, Lines


def distinct(lines: Lines, column: str) -> pl.Series:
    """The names of a column in byte order (polars sorts strings so)."""
    return collected(lines.table.select(column).unique(), lines.path)[column].sort()


def coded(lines: Lines, customers: pl.Series, products: pl.Series) -> pl.DataFrame:
    """customer, product: i32, places in the given names; time: f64; basket: i64 or str; quantity: f64 where mapped."""
    places = {"customer": customers, "product": products}
    table = lines.table.drop(ATTRIBUTES, strict=False).with_columns(
        pl.col(name).cast(pl.Enum(names)).to_physical().cast(pl.Int32) for name, names in places.items()
    )
    return collected(table, lines.path)


def catalogue_of(lines: Lines, products: pl.Series) -> Catalogue:
    """Titles and categories: from the file of products, where that has none from a product's last line with one."""
    found = {name: _attribute(lines, products, name).fill_null("") for name in ATTRIBUTES}
    categories = found["category"].unique().sort()
    return Catalogue(
        products=Names.of(products),
        titles=Names.of(found["title"]),
        category=found["category"].cast(pl.Enum(categories)).to_physical().cast(pl.Int32).to_numpy(),
        categories=Names.of(categories),
    )


def _attribute(lines: Lines, products: pl.Series, name: str) -> pl.Series:
    """[products] null where nobody says."""
    known = products.to_frame("product")
    sources = []
    if lines.attributes is not None:
        sources.append(collected(lines.attributes.select("product", name), lines.path))
    if name in lines.table.collect_schema().names():
        said = lines.table.select("product", name).drop_nulls().group_by("product").agg(pl.col(name).last())
        sources.append(collected(said, lines.path))
    values = [known.join(one, on="product", how="left", maintain_order="left")[name] for one in sources]
    both = pl.DataFrame([one.alias(str(place)) for place, one in enumerate(values)])
    if not values:
        return pl.Series(name, [None] * len(products), pl.String)
    return both.select(pl.coalesce(pl.all())).to_series()
