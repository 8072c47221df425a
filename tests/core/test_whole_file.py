"""Files that are replaced whole, or stay as they were."""

import os
import sys
from pathlib import Path

import pytest
from support.programs.limits import largest_file

from deeptone_tui.core.files import write_whole


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


@pytest.mark.skipif(sys.platform == "win32", reason="a device of POSIX")
def test_what_is_no_file_is_not_replaced() -> None:
    """A device, or a pipe to another program."""
    write_whole(Path(os.devnull), b"gone")
    assert Path(os.devnull).is_char_device()
