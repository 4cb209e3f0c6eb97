"""Tables of measured figures, and pages that hold them between marks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

MARK = "<!-- {} {} -->"


def filled(text: str, parts: Mapping[str, Iterable[str]]) -> str:
    """A page with its parts made anew, each between marks of its name. Raises `ValueError` where a mark is missing."""
    for name, lines in parts.items():
        begin, end = MARK.format("begin", name), MARK.format("end", name)
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"page: expected {begin} and {end}, each once")
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        text = f"{before}{begin}\n" + "\n".join(lines) + f"\n{end}{after}"
    return text


def number(value: float) -> str:
    """In three digits, with commas."""
    if value >= 100:
        value = float(f"{value:.3g}")
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """One line for each row."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
