"""Files that somebody else may have made, that are replaced whole, or that two would change."""

import errno
import os
import socket
import sys
import threading
from pathlib import Path

import pytest
from support.programs.limits import largest_file

from deeptone_tui.core.files import NotPlainError, locked, open_plain, read_plain, write_whole

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


def test_a_new_file_has_the_permissions_that_were_asked_for(tmp_path: Path) -> None:
    """Less what the umask takes."""
    write_whole(tmp_path / "private", b"1", mode=0o600)
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "private").read_bytes() == b"1"


def test_an_earlier_file_keeps_its_permissions_and_a_link_stays_one(tmp_path: Path) -> None:
    """What people have set up stands."""
    place, link = tmp_path / "file", tmp_path / "link"
    place.write_bytes(b"old")
    place.chmod(0o640)
    link.symlink_to(place)
    write_whole(link, b"new", mode=0o600)
    assert link.is_symlink()
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (b"new", 0o640)


def test_a_full_disk_leaves_the_earlier_file_and_nothing_beside_it(tmp_path: Path) -> None:
    """Not an empty one."""
    place = tmp_path / "file"
    place.write_bytes(b"old")
    with largest_file(100), pytest.raises(OSError, match=r"File too large|No space"):
        write_whole(place, bytes(1000))
    assert place.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_may_not_be_replaced_stays(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a file system has no links; a free name is taken."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "no links")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    place = tmp_path / "kept"
    write_whole(place, b"first", replace=False)
    with pytest.raises(FileExistsError):
        write_whole(place, b"second", replace=False)
    assert place.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [place]


def test_what_is_no_file_is_not_replaced() -> None:
    """A device, or a pipe to another program."""
    write_whole(Path(os.devnull), b"gone")
    assert Path(os.devnull).is_char_device()


def test_one_at_a_time_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """Each sees what the one before has written."""
    counter = tmp_path / "counter"
    counter.write_text("0")

    def count() -> None:
        for _ in range(50):
            with locked(counter, 60):
                counter.write_text(str(int(counter.read_text()) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.read_text() == "200"
    assert [path.name for path in tmp_path.iterdir()] == ["counter"]


def test_the_wait_is_bounded(tmp_path: Path) -> None:
    """And says for whom."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    with (
        locked(tmp_path / "file"),
        pytest.raises(TimeoutError, match="another program"),
        locked(tmp_path / "file", 5.0, clock=lambda: now, sleep=sleep),
    ):
        pass
    assert now == pytest.approx(5.0, abs=0.1)


def test_a_lock_that_a_killed_program_left_is_none(tmp_path: Path) -> None:
    """Its file alone says nothing."""
    (tmp_path / ".file.lock").touch()
    with locked(tmp_path / "file", 0.0):
        pass
    assert [path.name for path in tmp_path.iterdir()] == []
