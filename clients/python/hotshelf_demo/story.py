"""The demo, read straight down."""

import time

from rich.console import Console

from hotshelf_client import Client, Version
from hotshelf_demo import display, shoppers
from hotshelf_demo.material import Material
from hotshelf_demo.programs import DemoFailed, Server, hotshelf
from hotshelf_demo.record import MODEL, Outcome, Places, Times
from hotshelf_demo.traffic import Call, Traffic

QUIET_SECONDS = 5.0
"""Traffic before the second training and after the swap."""
SWAP_SECONDS = 60.0
"""Limit from the end of the training to the first answer of the new version."""


def tell(material: Material, places: Places, console: Console) -> Outcome:
    """Train, serve, and swap under traffic. Raises `DemoFailed`."""
    began = time.monotonic()
    customers = shoppers.known(material)
    places.store.mkdir(parents=True)

    console.rule("Version 1 learns from the earlier weeks")
    _train(material, places, 1, "--until", material.cut)

    with Server(places.store, places.log) as server, Client(server.address) as client:
        console.rule(f"A server starts on {server.address}")
        server.wait_until_ready(MODEL)
        for customer in shoppers.shown(customers):
            console.print(display.recommendations(customer, client.recommend(MODEL, customer, 5)))

        console.rule("Version 2 learns from all weeks, while clients keep asking")
        with Traffic(server.address, MODEL, [*customers[:500], shoppers.UNKNOWN]) as traffic:
            time.sleep(QUIET_SECONDS)
            training = time.time()
            _train(material, places, 2)
            if not traffic.wait_for(2, SWAP_SECONDS):
                raise DemoFailed(f"version 2 never answered; the server's log is {places.log}")
            time.sleep(QUIET_SECONDS)

        versions = tuple(client.versions(MODEL))
        peak = server.peak_memory_mib()
        server.scrape(places.metrics)
        server.stop()
    calls = tuple(sorted(traffic.calls, key=lambda call: call.begun))
    return Outcome(versions, calls, _times(training, versions, calls), peak, time.monotonic() - began)


def _train(material: Material, places: Places, version: int, *arguments: str) -> None:
    settings = [text for setting in material.settings for text in ("--set", setting)]
    data = ("--data", str(material.purchases), "--products", str(material.products))
    there = ("--store", str(places.store), "--name", MODEL, "--report", str(places.report(version)))
    hotshelf("train", str(material.recipe), *data, *there, "--author", "demo", *settings, *arguments)


def _times(training: float, versions: tuple[Version, ...], calls: tuple[Call, ...]) -> Times:
    published = versions[0].created_at
    if published is None:
        raise DemoFailed("the store doesn't say when version 2 was published")
    swapped = next(call.begun for call in calls if call.version == 2)
    return Times(training, published.timestamp(), swapped)
