"""How much of a conversation is left, and whose it is, after it was written out in the forms people have."""
