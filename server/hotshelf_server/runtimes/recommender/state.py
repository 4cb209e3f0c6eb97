"""What a recommender knows: arrays, frozen, free of pickle, as they lie in a bundle.

Two kinds of knowledge are kept apart, because they age differently. ``Facts`` is what happened before ``end``
(histories, sales): it is recomputed from purchases at any moment without learning anything. ``Learned`` is what was
fitted. The trainer's gate uses that: it gives an old version's ``Learned`` the same ``Facts`` as a new one's.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.runtimes.recommender.feature_names import CUSTOMER, NAMES, PRODUCT
from hotshelf_server.runtimes.recommender.names import Names

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

SECONDS_PER_DAY = 86_400.0
FORMAT = 1
CONFIG_FILE = "config.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """Constants that candidates and features are made with; part of a version, equal in training and serving."""

    history_candidates: int = 150
    """At most so many of the customer's own products are ranked."""
    ease_candidates: int = 150
    als_candidates: int = 100
    popular_candidates: int = 60
    frequency_decay_days: float = 120.0
    """Time constant of the decayed frequency: a purchase this old weighs 1/e."""
    input_decay_days: float = 90.0
    """Time constant of the collaborative models' input."""
    recent_decay_days: float = 14.0
    """Time constant of the input that asks what goes with the newest purchases."""
    popularity_days: float = 14.0
    """Sales of so many days are "recent"."""
    als_confidence: float = 10.0
    als_regularization: float = 1.0
    live: bool = False
    """Whether ages are counted from now, instead of from the end of data, where a query doesn't say."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The products, sorted by id; a product's place here is its index everywhere else."""

    products: Names
    titles: Names
    category: Ints
    """[products] index into ``categories``."""
    categories: Names


@dataclass(frozen=True, slots=True)
class Facts:
    """What was bought before ``end``; ``start[c]:start[c + 1]`` of the pair arrays is customer ``c``, by product."""

    end: float
    """Seconds since the epoch (UTC); ages are days before it."""
    customers: Names
    start: npt.NDArray[np.int64]
    product: Ints
    baskets: Floats
    """[pairs] how many baskets of the customer held the product."""
    first_age: Floats
    last_age: Floats
    decayed: Floats
    """[pairs] sum over those baskets of exp(-age / frequency_decay_days)."""
    customer_features: Floats
    """[customers, feature_names.CUSTOMER] as of ``end``."""
    product_features: Floats
    """[products, feature_names.PRODUCT] as of ``end``."""
    popularity: Floats
    """[products] recent sales; the order of the fallback."""


@dataclass(frozen=True, slots=True)
class Learned:
    """EASE (Steck 2019) cut to the strongest neighbours, and item factors of implicit ALS (Hu, Koren, Volinsky 2008).

    Both know ``products`` only, the most active ones, sorted catalogue indices; "place" means an index into them.
    """

    products: Ints
    neighbours: Ints
    """[places, n] for a bought product, the places of the products that it speaks for."""
    weights: Floats
    """[places, n] the entries of B for these."""
    factors: Floats
    """[places, f]"""
    gram: Floats
    """[f, f] factors' factors + regularization, the part of the fold-in's equation that all customers share."""


@dataclass(frozen=True, slots=True)
class State:
    """All arrays of one version."""

    settings: Settings
    catalogue: Catalogue
    facts: Facts
    learned: Learned
    place: Ints
    """[products] a product's place in ``learned.products``, or -1; derived."""
    popular: Ints
    """[products] catalogue indices of what was ever sold, by recent sales, then all sales; derived."""

    @classmethod
    def of(cls, settings: Settings, catalogue: Catalogue, facts: Facts, learned: Learned) -> "State":
        """Put the parts together and derive the rest."""
        place = np.full(len(catalogue.products), -1, dtype=np.int32)
        place[learned.products] = np.arange(len(learned.products), dtype=np.int32)
        sold = facts.product_features[:, PRODUCT.index("product_sold")]
        popular = np.lexsort((-sold, -facts.popularity))[: int(np.count_nonzero(sold))].astype(np.int32)
        return cls(settings, catalogue, facts, learned, place, popular)


@dataclass(frozen=True, slots=True)
class History:
    """One customer's rows of ``Facts``; ages are counted from the query's ``as_of``."""

    customer: int
    """Index of the customer, or -1."""
    product: Ints
    baskets: Floats
    first_age: Floats
    last_age: Floats
    decayed: Floats

    @property
    def known(self) -> bool:
        """Whether there is anything to go by."""
        return self.customer >= 0


def history_of(state: State, customer: int, as_of: float) -> History:
    """The rows of ``customer`` (-1: nobody) as seen at ``as_of``, in seconds since the epoch."""
    facts = state.facts
    rows = slice(facts.start[customer], facts.start[customer + 1]) if customer >= 0 else slice(0, 0)
    later = np.float32(max(0.0, (as_of - facts.end) / SECONDS_PER_DAY))
    return History(
        customer=customer,
        product=np.asarray(facts.product[rows]),
        baskets=np.asarray(facts.baskets[rows]),
        first_age=facts.first_age[rows] + later,
        last_age=facts.last_age[rows] + later,
        decayed=facts.decayed[rows] * np.float32(np.exp(-later / state.settings.frequency_decay_days)),
    )


FACTS_ARRAYS = (
    "start",
    "product",
    "baskets",
    "first_age",
    "last_age",
    "decayed",
    "customer_features",
    "product_features",
    "popularity",
)
LEARNED_ARRAYS = ("products", "neighbours", "weights", "factors", "gram")


def as_arrays(state: State) -> dict[str, npt.NDArray[Any]]:
    """Every stored array by its file's stem."""
    catalogue, facts, learned = state.catalogue, state.facts, state.learned
    names = {
        "products": catalogue.products,
        "titles": catalogue.titles,
        "categories": catalogue.categories,
        "customers": facts.customers,
    }
    arrays: dict[str, npt.NDArray[Any]] = {}
    for stem, table in names.items():
        arrays[f"{stem}_blob"], arrays[f"{stem}_offsets"] = table.blob, table.offsets
    arrays["product_category"] = catalogue.category
    for field in FACTS_ARRAYS:
        arrays[f"facts_{field}"] = getattr(facts, field)
    for field in LEARNED_ARRAYS:
        arrays[f"learned_{field}"] = getattr(learned, field)
    return arrays


def save(state: State, directory: Path) -> None:
    """Write every array as ``.npy`` and the settings, the order of features and the end of data as ``config.json``."""
    directory.mkdir(parents=True, exist_ok=True)
    for stem, array in as_arrays(state).items():
        np.save(directory / f"{stem}.npy", array, allow_pickle=False)
    config = {
        "format": FORMAT,
        "end": state.facts.end,
        "settings": asdict(state.settings),
        "features": list(NAMES),
    }
    (directory / CONFIG_FILE).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def load(directory: Path) -> State:
    """Map a saved state from disk; pages come in as they are used and are shared between processes.

    Raises ``BadBundle`` where a file is absent, isn't what ``save`` wrote, or was made for other features than ours.
    """
    config = _config(directory)

    def array(stem: str) -> npt.NDArray[Any]:
        path = directory / f"{stem}.npy"
        try:
            # A plain view: slices of NumPy's memmap class cost ten times as much.
            mapped: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
        except (OSError, ValueError) as error:
            raise BadBundle(f"{path.name}: expected a .npy array: {error}", file=path.name) from error
        return mapped

    def names(stem: str) -> Names:
        return Names(array(f"{stem}_blob"), array(f"{stem}_offsets"))

    state = State.of(
        Settings(**config["settings"]),
        Catalogue(names("products"), names("titles"), array("product_category"), names("categories")),
        Facts(config["end"], names("customers"), *(array(f"facts_{field}") for field in FACTS_ARRAYS)),
        Learned(*(array(f"learned_{field}") for field in LEARNED_ARRAYS)),
    )
    _check(state)
    return state


def _config(directory: Path) -> dict[str, Any]:
    try:
        config = json.loads((directory / CONFIG_FILE).read_text(encoding="utf-8"))
        found, features = config["format"], config["features"]
        known = {field.name for field in fields(Settings)}
        unknown = set(config["settings"]) - known
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadBundle(f"{CONFIG_FILE}: expected a recommender's settings: {error!r}", file=CONFIG_FILE) from error
    if found != FORMAT or unknown:
        raise BadBundle(
            f"{CONFIG_FILE}: format {found}, settings {sorted(unknown)} unknown; this server reads format {FORMAT}"
        )
    if tuple(features) != NAMES:
        differing = sorted(set(features) ^ set(NAMES)) or "their order"
        raise BadBundle(f"{CONFIG_FILE}: made for other features than this server computes: {differing}")
    return dict(config)


def _check(state: State) -> None:
    """Refuse arrays that contradict each other: an index out of range would answer nonsense or crash later."""
    catalogue, facts, learned = state.catalogue, state.facts, state.learned
    products, customers, pairs, places = (
        len(catalogue.products),
        len(facts.customers),
        len(facts.product),
        len(learned.products),
    )
    expected = {
        "titles": (len(catalogue.titles), products),
        "product_category": (len(catalogue.category), products),
        "facts_start": (len(facts.start), customers + 1),
        "facts_start's end": (int(facts.start[-1]), pairs),
        "facts_baskets": (len(facts.baskets), pairs),
        "facts_first_age": (len(facts.first_age), pairs),
        "facts_last_age": (len(facts.last_age), pairs),
        "facts_decayed": (len(facts.decayed), pairs),
        "facts_customer_features": (facts.customer_features.shape, (customers, len(CUSTOMER))),
        "facts_product_features": (facts.product_features.shape, (products, len(PRODUCT))),
        "facts_popularity": (len(facts.popularity), products),
        "learned_neighbours": (learned.neighbours.shape, learned.weights.shape),
        "learned_weights": (len(learned.weights), places),
        "learned_factors": (len(learned.factors), places),
        "learned_gram": (learned.gram.shape, (learned.factors.shape[1],) * 2),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            raise BadBundle(f"{name}: size {found}, expected {wanted}", array=name)
    for name, indices, bound in (
        ("facts_product", facts.product, products),
        ("learned_products", learned.products, products),
        ("learned_neighbours", learned.neighbours, places),
        ("product_category", catalogue.category, len(catalogue.categories)),
    ):
        if indices.size and not (int(indices.min()) >= 0 and int(indices.max()) < bound):
            raise BadBundle(f"{name}: holds an index outside 0..{bound - 1}", array=name)
