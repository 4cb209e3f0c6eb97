"""What can go wrong with a port, for those who know nothing of gRPC."""


class PortTaken(Exception):
    """The port can't be bound."""


def taken(address: str) -> PortTaken:
    """The error for an address, ``HOST:PORT``."""
    return PortTaken(f"can't listen on {address}: the port is taken, or may not be bound; try another")
