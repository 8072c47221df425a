"""Two programs that would change a file at the same time."""

import sys
import threading
from pathlib import Path

import pytest

from deeptone_tui.core.files import locked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")


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
