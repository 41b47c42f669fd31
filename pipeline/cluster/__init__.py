"""Talks on a Dask cluster that the user has: `dispatch` is at home, `tasks` at the workers."""
