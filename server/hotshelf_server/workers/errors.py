"""How a server with several workers ends early."""


class StartRefused(Exception):
    """A worker can't serve what was set; the message is for the operator."""


class WorkersKeepDying(Exception):
    """A worker died again and again; the message says which, and of what."""
