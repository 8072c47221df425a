"""The device picker on this machine's devices: ``python -m support.terminals.ask_device``."""

import asyncio

from support.screens.dialog_host import Asked

from deeptone_tui.app.screens.device_picker import DevicePicker
from deeptone_tui.audio import device_level, input_devices
from deeptone_tui.audio.native_stderr import redirect_native_stderr


class AskDevice(Asked):
    """Ends with the answer."""

    def __init__(self) -> None:
        super().__init__(
            lambda: DevicePicker("", lambda: asyncio.to_thread(input_devices), device_level)
        )

    def answered(self, answer: object) -> None:
        """Leave with the answer."""
        self.exit(message=f"picked {answer}")


if __name__ == "__main__":
    # Without it, what is drawn during a call into PortAudio goes where that call's noise does.
    with redirect_native_stderr():
        AskDevice().run()
