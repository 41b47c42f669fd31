"""Where sentences end, with punctuation and without."""
