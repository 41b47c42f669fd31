"""What is known about language: sentences, clauses, polarity, numbers; most of it only for English."""
