"""The numbers of the contract: documented ones, and ours where the documentation is silent."""

SAMPLE_RATE = 16_000
"""Samples a second that the models work at; other rates are resampled by the endpoint."""

STEP_MS = 64
"""Milliseconds in the shortest period; every ``output_period`` is a multiple (documented)."""

SAMPLES_PER_MS = SAMPLE_RATE // 1000
"""Samples at 16 kHz in a millisecond of a timestamp."""

DEFAULT_MODELS = ("speech-rt",)
"""What runs when nothing is asked for (ours)."""

DEFAULT_OUTPUT_PERIOD = 1024
"""Milliseconds (ours; what the documentation's listings and the one captured message fit)."""

MAX_OUTPUT_PERIOD = 3_600_000
"""Milliseconds: an hour, which is a multiple of 64 (ours)."""

DEFAULT_VOLUME_THRESHOLD = 0.005
"""An amplitude from 0 to 1, -46 dBFS (ours; the documentation names none)."""

MIN_SAMPLE_RATE = 4_000
"""Hertz (ours)."""

MAX_SAMPLE_RATE = 384_000
"""Hertz (ours)."""

END_OF_AUDIO = b""
"""The binary message that ends the audio, where the greeting announced ``end_of_audio``.

The documented protocol has no end of audio; this one is ours.
"""
