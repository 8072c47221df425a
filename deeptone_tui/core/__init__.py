"""Utilities for every room, independent of audio: text, secrets, output, files, processes."""
