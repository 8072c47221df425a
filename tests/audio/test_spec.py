"""Sources as typed on the command line."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.audio import (
    SourceError,
    SourceKind,
    SourceOptions,
    SourceSpec,
    open_source,
    parse_source,
)
from deeptone_tui.audio.source import join_address, split_address


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        (None, SourceSpec(SourceKind.MICROPHONE)),
        ("mic", SourceSpec(SourceKind.MICROPHONE)),
        ("demo", SourceSpec(SourceKind.DEMO)),
        ("-", SourceSpec(SourceKind.STDIN)),
        ("call.wav", SourceSpec(SourceKind.FILE, "call.wav")),
        ("./demo", SourceSpec(SourceKind.FILE, "./demo")),
        ("C:\\call.wav", SourceSpec(SourceKind.FILE, "C:\\call.wav")),
        ("tcp://box:7000", SourceSpec(SourceKind.TCP, "box:7000")),
        ("TCP://10.0.0.7:1", SourceSpec(SourceKind.TCP, "10.0.0.7:1")),
        ("tcp://[::1]:65535", SourceSpec(SourceKind.TCP, "[::1]:65535")),
    ],
)
def test_a_source_is_read_from_its_word(text: str | None, spec: SourceSpec) -> None:
    """Five words and addresses; everything else is a path."""
    assert parse_source(text) == spec


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the source is empty"),
        ("  ", "the source is empty"),
        ("http://box/call.wav", "http:// is no source of audio"),
        ("tcp://", "tcp://HOST:PORT"),
        ("tcp://box", "tcp://HOST:PORT"),
        ("tcp://:7000", "tcp://HOST:PORT"),
        ("tcp://::1:7000", "tcp://HOST:PORT"),
        ("tcp://box/x:7000", "tcp://HOST:PORT"),
        ("tcp://box:", "a port is a number 1…65535"),
        ("tcp://box:0", "a port is a number 1…65535"),
        ("tcp://box:65536", "a port is a number 1…65535"),
        ("tcp://box:http", "a port is a number 1…65535"),
        ("tcp://box:٣", "a port is a number 1…65535"),
    ],
)
def test_what_cannot_be_a_source_is_said_in_one_line(text: str, words: str) -> None:
    """The line says what is allowed."""
    with pytest.raises(SourceError) as refused:
        parse_source(text)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text())
def test_any_text_is_a_source_or_one_line(text: str) -> None:
    """Nothing else than a source or a `SourceError` comes of any text."""
    with contextlib.suppress(SourceError):
        assert parse_source(text).kind in SourceKind


@given(st.ip_addresses(), st.integers(1, 65_535))
def test_addresses_are_written_as_they_are_read(host: object, port: int) -> None:
    """IPv4 and IPv6 go there and back."""
    assert split_address(join_address(str(host), port)) == (str(host), port)


@pytest.mark.parametrize("kind", list(SourceKind))
def test_every_kind_of_source_can_be_constructed(kind: SourceKind) -> None:
    """Constructing opens nothing, so it works for what is not there."""
    value = "localhost:1" if kind is SourceKind.TCP else "nothing"
    source = open_source(SourceSpec(kind, value), SourceOptions())
    assert source.info.kind is kind
