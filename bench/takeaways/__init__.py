"""How well themes and quotes cover what was talked about, beside simpler ways to choose them."""
