"""Files that somebody else may have made."""

import os
import socket
import sys
from pathlib import Path

import pytest

from deeptone_tui.core.files import NotPlainError, open_plain, read_plain

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files of another kind")


def put(place: Path, kind: str) -> None:
    """Put something into the place of a file."""
    match kind:
        case "a pipe":
            os.mkfifo(place)
        case "a folder":
            place.mkdir()
        case "a link to itself":
            place.symlink_to(place.name)
        case "a device":
            place.symlink_to("/dev/zero")
        case _:
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(place))


KINDS = ["a pipe", "a folder", "a link to itself", "a device", "a socket"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_told_by_its_kind(kind: str, tmp_path: Path) -> None:
    """Without waiting for anybody."""
    put(tmp_path / "x", kind)
    with pytest.raises(NotPlainError) as caught:
        open_plain(tmp_path / "x")
    assert caught.value.strerror == f"is {kind}, not a file"


def test_a_file_is_read_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """To the last byte that is allowed; a link to a file is one."""
    place, link = tmp_path / "x", tmp_path / "link"
    place.write_bytes(bytes(100))
    link.symlink_to(place)
    assert read_plain(link, 100) == bytes(100)
    with pytest.raises(OSError, match="too large"):
        read_plain(place, 99)


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    """In the system's own words."""
    with pytest.raises(FileNotFoundError):
        open_plain(tmp_path / "x")
