"""A terminal monitor for DeepTone real-time voice analysis, and a local endpoint for it."""

__version__ = "0.1.0"
