"""Talks on a Dask cluster that the user has: `run` is at home, `tasks` at the workers."""
