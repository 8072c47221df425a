"""A listener in a process of its own that is killed by some of its files."""

import os
import signal
from collections.abc import Sequence

from deeptone_tui.archive.recordings import AudioInput, InputFailure

KILLS = "kills"
HEARD = "heard by a process that lived"


def hear_group(recordings: Sequence[AudioInput]) -> list[InputFailure]:
    """Stand in for that of `deeptone_tui.archive.pool`; dies as the system kills for memory."""
    if any(KILLS in recording.name for recording in recordings):
        os.kill(os.getpid(), signal.SIGKILL)
    return [InputFailure(recording.name, HEARD) for recording in recordings]
