"""A monitor that shows a recording."""

from typing import NoReturn

from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.monitor import Monitor
from deeptone_tui.recording.reading import Recording
from deeptone_tui.replay.playback import Playback
from deeptone_tui.session import TargetError


class NoEndpoint:
    """Where an endpoint would be: what it said is in the recording."""

    label = "recording"
    ours = True

    async def target(self) -> NoReturn:
        """There is none.

        Raises:
            TargetError: always.
        """
        raise TargetError("a recording is shown without an endpoint")

    async def close(self) -> None:
        """Nothing to release."""


def replay_monitor(recording: Recording) -> Monitor:
    """A monitor, not yet started, that plays a recording from its beginning."""
    return Monitor(
        SourceSpec(SourceKind.FILE, recording.source),
        SourceOptions(),
        NoEndpoint(),
        recording.parameters,
        stream=False,
        playback=Playback(recording),
    )
