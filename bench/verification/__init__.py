"""How well the checks of prose tell true claims from false ones."""
