"""Actions of keys and palette entries: dialogs, exports, quitting, recordings."""
