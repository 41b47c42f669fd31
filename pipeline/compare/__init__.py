"""A talk's post, written with several prompt sets and models, side by side."""
