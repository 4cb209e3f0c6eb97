"""Model texts that somebody has spoiled, of which some are still texts that LightGBM might have written."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

Mutation = Callable[[Random, bytes], bytes]

WORDS = (
    b"0", b"1", b"2", b"3", b"7", b"19", b"-1", b"-2", b"-20", b"99", b"900000000", b"2147483647", b"-2147483648",
    b"4294967295", b"9999999999999999999999", b"0.5", b"1e400", b"-1e-400", b"nan", b"-inf", b"1e", b"x", b"", b"0 0",
)  # fmt: skip
BYTES = b"\r\n =-+.e09\0\tTx\xff"
NUMBER = re.compile(rb"(?<=[= :])[-+.\w]+")


def resized(text: bytes) -> bytes:
    """The text with the sizes that its trees have, as somebody would give it who wants it to be read."""
    end = text.find(b"\nend of trees")
    places = [found.start() + 1 for found in re.finditer(rb"\nTree=", text[: max(end, 0)])] + [end + 1]
    sizes = [after - before for before, after in pairwise(places)]
    line = b"tree_sizes=" + b" ".join(b"%d" % size for size in sizes)
    return re.sub(rb"^tree_sizes=.*", line, text, count=1, flags=re.MULTILINE)


def mutant(random: Random, text: bytes) -> bytes:
    """A text with one to three faults."""
    trees, end, rest = text.partition(b"\nend of trees")
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        trees = random.choice(MUTATIONS)(random, trees)
    text = trees + end + rest
    return resized(text) if random.random() < 0.8 else text


def _of_head_or_tree(random: Random, text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part, each as likely as another: most of a text is one kind of number."""
    parts = text.split(b"\nTree=")
    chosen = random.randrange(min(len(parts), 3))
    parts[chosen] = change(parts[chosen])
    return b"\nTree=".join(parts)


def _lines(change: Callable[[Random, list[bytes]], None]) -> Mutation:
    def mutate(random: Random, text: bytes) -> bytes:
        def of_part(part: bytes) -> bytes:
            lines = part.split(b"\n")
            change(random, lines)
            return b"\n".join(lines)

        return _of_head_or_tree(random, text, of_part)

    return mutate


def _number(random: Random, lines: list[bytes]) -> None:
    place = random.randrange(len(lines))
    found = list(NUMBER.finditer(lines[place]))
    if found:
        one = random.choice(found)
        lines[place] = lines[place][: one.start()] + random.choice(WORDS) + lines[place][one.end() :]


def _other_number(random: Random, lines: list[bytes]) -> None:
    """One of the same line: what is most likely to pass."""
    place = random.randrange(len(lines))
    key, equals, value = lines[place].partition(b"=")
    words = value.split(b" ")
    words[random.randrange(len(words))] = random.choice(words)
    lines[place] = key + equals + b" ".join(words)


def _delete(random: Random, lines: list[bytes]) -> None:
    del lines[random.randrange(len(lines))]


def _duplicate(random: Random, lines: list[bytes]) -> None:
    lines.insert(random.randrange(len(lines) + 1), random.choice(lines))


def _swap(random: Random, lines: list[bytes]) -> None:
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _other_value(random: Random, lines: list[bytes]) -> None:
    place = random.randrange(len(lines))
    key, equals, _ = lines[place].partition(b"=")
    lines[place] = key + equals + random.choice(lines).partition(b"=")[2]


def _cut(random: Random, text: bytes) -> bytes:
    place = random.randrange(len(text) + 1)
    return text[:place] + text[place + random.choice((1, 2, 10, 300, len(text))) :]


def _insert(random: Random, text: bytes) -> bytes:
    place = random.randrange(len(text) + 1)
    return text[:place] + bytes([random.choice(BYTES)]) + text[place + random.randrange(2) :]


MUTATIONS: Sequence[Mutation] = (
    *(_lines(change) for change in (_number, _number, _other_number, _other_number, _delete, _duplicate, _swap)),
    _lines(_other_value),
    _cut,
    _insert,
)
