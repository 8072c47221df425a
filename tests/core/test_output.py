"""What every text goes through on its way out."""

import json
import logging

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.cli.logs import Careful
from deeptone_tui.core.redaction import for_people, lines_for_people, redacted, short_line, to_json

KEY = "a-key-of-these-tests"
UNFIT = "\x1b\x07\x9b\x7f\n\r\t\u2028\u202e\u2066\udcff"
TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from(UNFIT))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from(UNFIT)), inner),
    max_leaves=10,
)  # fmt: skip


def steers(text: str) -> set[str]:
    """Characters that a terminal, or a reader, would not take for what they stand for."""
    return {sign for sign in text if sign in UNFIT or ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0}


@given(TEXTS)
def test_a_line_holds_nothing_that_steers_a_terminal(text: str) -> None:
    """Every sign that does is replaced by one that is seen, and can be written."""
    shown = for_people(text)
    assert steers(shown) == set()
    assert len(shown) == len(text)
    shown.encode()


@given(TEXTS)
def test_lines_stay_lines(text: str) -> None:
    """A traceback is one."""
    shown = lines_for_people(text)
    assert steers(shown) <= {"\n", "\t"}
    assert shown.count("\n") == text.count("\n")


@given(DOCUMENTS)
def test_json_says_the_same_and_steers_nothing(document: object) -> None:
    """In both spellings: a parser reads what was written, and a terminal shows it."""
    for ensure_ascii in (True, False):
        text = to_json(document, ensure_ascii=ensure_ascii)
        assert steers(text) == set()
        assert json.loads(text) == document
        text.encode()


def test_a_secret_in_a_document_is_replaced_in_its_texts() -> None:
    """Whatever the key is, the document stays one."""
    redacted.learn(KEY, "1024", '":[{')
    document = {"period": 1024, "said": [f"<{KEY}>", {"deeper": '1024 ":[{'}], "null": None}
    shown = json.loads(to_json(document))
    assert shown == {"period": 1024, "said": ["<***>", {"deeper": "*** ***"}], "null": None}


def test_half_a_secret_does_not_come_through() -> None:
    """Where a text is cut short, it was redacted before."""
    redacted.learn(KEY)
    for lead in range(40):
        assert KEY[:4] not in short_line("x" * lead + KEY, 30)


def test_the_log_holds_neither_secrets_nor_escapes() -> None:
    """Not in what is told, not in the traceback of a library that repeats it."""
    redacted.learn(KEY)
    try:
        raise ValueError(f"url='ws://h?token={KEY}' \x1b]0;title\x07")  # noqa: TRY301  as they do
    except ValueError as error:
        failure = (type(error), error, error.__traceback__)
    record = logging.LogRecord("a", logging.ERROR, __file__, 1, "with %s", (KEY,), failure)
    text = Careful("%(message)s").format(record)
    assert text.startswith("with ***\nTraceback")
    assert KEY not in text
    assert steers(text) == {"\n"}
