"""What keeps a model from being published."""


class Unpublishable(Exception):
    """The model, or what was said of it, can't be published; the message names what was wrong and what was expected."""
