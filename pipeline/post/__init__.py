"""The fourth artifact: takeaways, names and times joined into what a template is given."""
