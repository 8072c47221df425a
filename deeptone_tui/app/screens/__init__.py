"""What is shown at one time: the main screen, and the dialogs over it."""
