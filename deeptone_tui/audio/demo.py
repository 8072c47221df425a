"""The recording that ships with the package: the source where there is no microphone."""

import asyncio
import dataclasses
import time
from importlib import resources
from pathlib import Path

from deeptone_tui.audio.file import FileSource
from deeptone_tui.audio.pacing import Clock, Sleep
from deeptone_tui.audio.source import SourceError, SourceInfo, SourceKind
from deeptone_tui.audio.spec import SourceOptions

RECORDING = "demo.flac"
"""The file beside this module; what it is made of is written down in ``demo.md``."""


class DemoSource(FileSource):
    """The demo, played like any file."""

    def __init__(
        self,
        options: SourceOptions,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._recording = Path(str(resources.files(__package__) / RECORDING))
        super().__init__(
            str(self._recording),
            dataclasses.replace(options, channel=None),
            info=SourceInfo(SourceKind.DEMO, "demo", live=False),
            clock=clock,
            sleep=sleep,
        )

    async def open(self) -> None:
        """Open the recording.

        Raises:
            SourceError: when this installation lacks it.
        """
        if not self._recording.is_file():
            raise SourceError(
                "the demo recording is missing from this installation; reinstall deeptone-tui"
            )
        await super().open()
