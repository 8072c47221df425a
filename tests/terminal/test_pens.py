"""Pens and the way from one to another."""

import re

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.terminal.pens import ATTRIBUTES, Pen, Pens

colours = st.one_of(
    st.just(""),
    st.integers(0, 7).map(str),
    st.integers(0, 255).map(lambda number: f"8;5;{number}"),
    st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: "8;2;{};{};{}".format(*parts)),
)


@st.composite
def looks(draw: st.DrawFn) -> tuple[str, str, frozenset[int], str]:
    """Foreground, background, attributes and link."""
    foreground, background = draw(colours), draw(colours)
    attributes = draw(st.frozensets(st.sampled_from(sorted(ATTRIBUTES)), max_size=4))
    link = draw(st.sampled_from(["", "id=1;https://a.example", ";https://b.example"]))
    return foreground and f"3{foreground}", background and f"4{background}", attributes, link


def after(pens: Pens, pen: Pen | None, sequence: str) -> Pen | None:
    """The pen that a terminal has after a sequence."""
    for link, codes in re.findall(r"\x1b\]8;(.*?)\x1b\\|\x1b\[([0-9;]*)m", sequence):
        if link and pen is not None:
            pen = pens.linked(pen, "" if link == ";" else link)
        elif pen is not None:
            pen = pens.set(pen, codes)
    return pen


@given(looks(), looks())
def test_a_change_makes_the_one_pen_of_the_other(
    old: tuple[str, str, frozenset[int], str], new: tuple[str, str, frozenset[int], str]
) -> None:
    """In no more codes than everything anew."""
    pens = Pens()
    start, end = pens.pen(*old), pens.pen(*new)
    sequence = pens.change(start, end)
    assert after(pens, start, sequence) is end
    anew = f"\x1b[0;{end.codes}m" if end.codes else "\x1b[m"
    assert len(re.sub(r"\x1b\]8;.*?\x1b\\", "", sequence)) <= len(anew)


@given(looks())
def test_the_codes_of_a_pen_make_it(look: tuple[str, str, frozenset[int], str]) -> None:
    """From the default pen."""
    pens = Pens()
    pen = pens.pen(*look[:3])
    assert pens.set(pens.default, pen.codes) is pen


def test_what_is_not_understood_is_no_pen() -> None:
    """Neither an unknown code nor half a colour."""
    pens = Pens()
    for codes in ("58;5;1", "38;2;1;2", "38;9;1", "73", "10"):
        assert pens.set(pens.default, codes) is None


def test_forgetting_keeps_the_default_pen() -> None:
    """It is what erased cells have; all others are made anew."""
    pens = Pens()
    red = pens.pen("31")
    pens.forget()
    assert pens.pen() is pens.default
    assert pens.pen("31") is not red
