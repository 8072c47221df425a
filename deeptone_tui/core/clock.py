"""Times in text."""


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Return hours, minutes and seconds, cut off, not rounded: ``00:03:12`` or ``00:03:12.4``."""
    ticks = int(seconds * 10 + 1e-6)
    whole, tenth = divmod(ticks, 10)
    text = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{text}.{tenth}" if tenths else text


def short_clock(seconds: float) -> str:
    """Return minutes and seconds, cut off: ``1:03``, ``61:26``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
