"""What is known about language: sentences, clauses, numbers; most of it only for English."""
