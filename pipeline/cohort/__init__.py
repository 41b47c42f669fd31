"""What a cohort's talks have in common: from the posts of all its talks to one post and a site.

A cohort is run like a talk, in two stages of its own. It works on excerpts: what each post quotes or cites,
and nothing else of the transcripts.
"""
