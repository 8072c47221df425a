"""Presenters: what a part of the screen shows, as words, numbers and tones, from the view."""
