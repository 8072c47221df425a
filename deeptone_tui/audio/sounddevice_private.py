"""Private names of sounddevice, used only with a version that was checked.

sounddevice freezes PortAudio's device list when it is imported, and ends PortAudio at exit in a way
that waits for a hung call. It has no public way around either.
"""

import atexit
import contextlib
from typing import Any

from deeptone_tui.core.libraries import is_checked


def is_usable() -> bool:
    """Return True if the installed sounddevice is one whose private names were checked."""
    return is_checked("sounddevice")


def restart(library: Any) -> None:  # noqa: ANN401  the module, or a fake
    """End PortAudio and start it again, so that it looks for devices; open streams end."""
    # It is ended already if it could not be started the last time.
    with contextlib.suppress(library.PortAudioError):
        library._terminate()  # noqa: SLF001  no public name
    library._initialize()  # noqa: SLF001  no public name


def terminate(library: Any) -> None:  # noqa: ANN401  as above
    """End PortAudio; open streams end."""
    library._terminate()  # noqa: SLF001  no public name


def remove_exit_handler(module: Any) -> None:  # noqa: ANN401  as above
    """Keep sounddevice from ending PortAudio at exit."""
    atexit.unregister(module._exit_handler)  # noqa: SLF001  no public name
