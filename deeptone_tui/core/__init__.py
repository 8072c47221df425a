"""What every room may use, and that knows no audio: text, secrets, output, files, processes."""
