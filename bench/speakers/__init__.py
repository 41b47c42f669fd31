"""How well voices are told apart: composed conversations, real recordings, a peer beside the program."""
