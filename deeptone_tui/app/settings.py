"""The settings that the app starts with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deeptone_tui.settings.export import Start
from deeptone_tui.settings.options import DEFAULTS, Options

if TYPE_CHECKING:
    from deeptone_tui.app.keymap import KeyMap


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSettings(Start):
    """Settings of the screen; the caller creates the monitor.

    The threshold under the cursor starts at that of the parameters.
    """

    options: Options = field(default=Options())
    """Options of the run; those left open get the defaults of the table of options."""
    keys: "KeyMap" = field(default_factory=dict)
    """The user's key map, as `deeptone_tui.app.keymap.read_keymap` returns it."""
    preferences: Path | None = None
    """File with the choices of the last run; None to keep none."""
    notices: tuple[str, ...] = ()
    """Warnings to show when the screen is ready, one line each."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", self.options.over(DEFAULTS))

    @property
    def recordings(self) -> Path:
        """Folder in which ``r`` creates a folder for each recording."""
        return Path(self.options.record or "recordings")
