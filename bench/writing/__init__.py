"""Posts by a language model, measured from recordings of what a writer and a judge answered."""
