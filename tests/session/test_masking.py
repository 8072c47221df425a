"""Words from elsewhere, before they are shown."""

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.session.masking import LONGEST, masked

KEY = "s3cr3t+key/with=signs"


@given(st.text(), st.text())
def test_the_key_never_comes_through(before: str, after: str) -> None:
    """Neither plain nor percent-encoded, whatever stands around it."""
    shown = masked(f"{before}{KEY}{after}{quote(KEY, safe='')}", KEY)
    assert KEY not in shown
    assert quote(KEY, safe="") not in shown


@given(st.text())
def test_what_is_shown_is_one_bounded_printable_line(text: str) -> None:
    """No control character reaches the terminal, and no page of text."""
    shown = masked(text, None)
    assert len(shown) <= LONGEST
    assert all(c.isprintable() for c in shown)


def test_an_escape_sequence_is_taken_apart() -> None:
    """The terminal is not steered from the network."""
    assert masked("\x1b[2Jgone\r\nnext", None) == "[2Jgone next"
