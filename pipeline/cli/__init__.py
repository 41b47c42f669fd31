"""The command line: a command a file, and what it shows while it works."""
