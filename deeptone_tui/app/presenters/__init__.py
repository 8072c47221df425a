"""From the view to the words, numbers and tones that a part shows. Pure, but for colours."""
