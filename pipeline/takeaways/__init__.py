"""The third artifact: turns to themes, with or without a language model."""
