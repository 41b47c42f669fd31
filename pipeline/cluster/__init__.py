"""Runs talks on the user's own Dask cluster: `dispatch` is the client, `tasks` runs on the workers."""
