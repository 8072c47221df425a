"""Colours as people see them: contrast, deficiencies of colour vision, and differences."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Rgb = tuple[int, int, int]
"""0 to 255 each."""

VISION: Mapping[str, npt.NDArray[np.float64]] = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""What is left of linear RGB, after Machado, Oliveira and Fernandes (2009), severity 1."""
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)


def linear(colour: Rgb) -> npt.NDArray[np.float64]:
    """Light from 0 to 1 for each of red, green and blue, from sRGB."""
    parts = np.array(colour) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio after WCAG 2, 1 to 21."""
    dark, light = sorted(float(_TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def difference(one: Rgb, other: Rgb, vision: str = "usual") -> float:
    """How different two colours are to somebody: CIEDE2000; 1 is just noticeable side by side."""
    return _ciede2000(_lab(one, vision), _lab(other, vision))


def _lab(colour: Rgb, vision: str) -> tuple[float, float, float]:
    """CIELAB under D65 of a colour as it is seen."""
    seen = np.clip(VISION[vision] @ linear(colour), 0, 1)
    ratio = _TO_XYZ @ seen / _WHITE
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return float(116 * y - 16), float(500 * (x - y)), float(200 * (y - z))


def _ciede2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """The formula, after Sharma, Wu and Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * math.sqrt(mean7 / (mean7 + 25.0**7))
    c1, c2 = math.hypot(a1 * stretch, b1), math.hypot(a2 * stretch, b2)
    h1 = math.degrees(math.atan2(b1, a1 * stretch)) % 360
    h2 = math.degrees(math.atan2(b2, a2 * stretch)) % 360
    apart = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(apart / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    mid = (h1 + apart / 2) % 360 if c1 * c2 else h1 + h2
    turn = (
        1
        - 0.17 * math.cos(math.radians(mid - 30))
        + 0.24 * math.cos(math.radians(2 * mid))
        + 0.32 * math.cos(math.radians(3 * mid + 6))
        - 0.20 * math.cos(math.radians(4 * mid - 63))
    )
    by_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = hue / (1 + 0.015 * chroma * turn)
    blue = math.sin(math.radians(60 * math.exp(-(((mid - 275) / 25) ** 2))))
    rotation = -blue * 2 * math.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    return math.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue)
