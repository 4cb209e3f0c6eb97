"""Workers that come later are told what was said before."""

import json

from hotshelf_server.core.model_settings import BatchingSettings, ModelSettings
from hotshelf_server.workers import journal as module
from hotshelf_server.workers.deeds import FAMILIES, HEAR, LOAD, LOGS, TRACE, UNLOAD
from hotshelf_server.workers.journal import Journal
from hotshelf_server.workers.shared_repository import written

BATCHED = ModelSettings(batching=BatchingSettings(max_rows=8))


def test_the_last_word_on_each_model_is_kept() -> None:
    journal = Journal()
    journal.add(LOAD, written("a", None, 5.0))
    journal.add(UNLOAD, written("b", None, None))
    journal.add(UNLOAD, written("a", None, 1.0))
    assert journal.words() == [(UNLOAD, written("b", None, None)), (UNLOAD, written("a", None, 1.0))]


def test_changes_of_other_settings_are_kept_in_their_order_and_what_only_asks_is_not() -> None:
    journal = Journal()
    for deed, request in ((TRACE, "x"), (LOGS, "y"), (FAMILIES, ""), (HEAR, ""), (TRACE, "x")):
        journal.add(deed, request)
    assert journal.words() == [(LOGS, "y"), (TRACE, "x")]


def test_settings_that_came_with_a_load_end_when_the_file_is_read_again() -> None:
    journal = Journal()
    journal.add(LOAD, written("a", BATCHED, None))
    journal.settings_were_read()
    ((deed, request),) = journal.words()
    assert (deed, json.loads(request)) == (LOAD, {"model": "a", "settings": None, "seconds": None})


def test_the_journal_is_bounded() -> None:
    journal = Journal()
    for number in range(module.MAX_WORDS + 5):
        journal.add(UNLOAD, written(f"m{number}", None, None))
    assert len(journal.words()) == module.MAX_WORDS
    assert journal.words()[0] == (UNLOAD, written("m5", None, None))
