"""The fourth artifact, the post: takeaways, names and times joined into what templates are given."""
