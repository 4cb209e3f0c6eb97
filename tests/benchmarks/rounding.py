"""Figures as they are kept: in four digits."""


def rounded(value: object) -> object:
    """A plain value, with whatever it holds, in four digits; a tuple becomes a list, as in JSON."""
    match value:
        case float():
            return float(f"{value:.4g}")
        case dict():
            return {key: rounded(one) for key, one in value.items()}
        case list() | tuple():
            return [rounded(one) for one in value]
        case _:
            return value
