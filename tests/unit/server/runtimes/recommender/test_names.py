from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.runtimes.recommender.names import Names

TEXTS = st.lists(st.text(st.characters(codec="utf-8")), unique=True).map(
    lambda texts: sorted(texts, key=lambda text: text.encode())
)


@given(TEXTS)
def test_every_name_is_found_where_it_stands(texts: list[str]) -> None:
    names = Names.of(texts)
    assert list(names) == texts
    assert [names.find(text) for text in texts] == list(range(len(texts)))


@given(TEXTS, st.text(st.characters(codec="utf-8")))
def test_a_name_that_is_not_there_is_not_found(texts: list[str], other: str) -> None:
    assert (Names.of(texts).find(other) == -1) == (other not in texts)
