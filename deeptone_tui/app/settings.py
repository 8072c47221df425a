"""The settings that the app starts with, and the summary that it leaves."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings.options import DEFAULTS, Options

if TYPE_CHECKING:
    from deeptone_tui.app.keymap import KeyMap
    from deeptone_tui.settings.export import Start

DEFAULT_RECORDINGS = Path("recordings")
"""Default folder of recordings, within the current folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSettings:
    """Settings of the screen; the caller creates the monitor."""

    parameters: StreamParameters = field(default_factory=StreamParameters)
    """Parameters applied at the start; the threshold under the cursor starts at theirs."""
    url: str | None = None
    """Address of the endpoint; None for the local one."""
    api_key: str | None = field(default=None, repr=False)
    options: Options = field(default=Options())
    """Options of the run; those left open get the defaults of the table of options."""
    keys: "KeyMap" = field(default_factory=dict)
    """The user's key map, as `deeptone_tui.app.keymap.read_keymap` returns it."""
    preferences: Path | None = None
    """File with the choices of the last run; None to keep none."""
    notices: tuple[str, ...] = ()
    """Warnings to show when the screen is ready, one line each."""
    configuration: Path | None = None
    """The configuration with the profiles; None for the default path."""
    recordings: Path = DEFAULT_RECORDINGS
    """Folder in which ``r`` creates a folder for each recording."""
    explicit: frozenset[str] = frozenset()
    """Names of the options set by command line or environment; they take precedence over any
    profile."""
    profile: str | None = None
    """Name of the requested profile."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", self.options.over(DEFAULTS))

    @property
    def fps(self) -> int:
        """Updates of the screen per second."""
        return self.options.fps or 1

    @property
    def start(self) -> "Start":
        """Parts of the program's start that saved settings depend on."""
        from deeptone_tui.settings.export import Start  # noqa: PLC0415  on leaving only

        return Start(
            parameters=self.parameters,
            explicit=self.explicit,
            profile=self.profile,
            configuration=self.configuration,
        )


@dataclass(frozen=True, slots=True)
class ExitSummary:
    """The summary printed after the screen has closed."""

    exit_code: int = 0
    """0 after the user or a signal ended the run, 1 after a failure."""
    line: str = ""
    """Length of the captured audio, number of results, and audio lost."""
    threshold: tuple[str, ...] = ()
    """The threshold in force, whether it is saved, and the command line that uses it."""
    saved: tuple[Path, ...] = ()
    """Files written in this run."""
