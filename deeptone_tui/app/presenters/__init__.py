"""Presenters: from the view to the words, numbers and tones of a widget; pure except colours."""
