"""What keys and palette entries do: questions, exports, leaving, recordings."""
