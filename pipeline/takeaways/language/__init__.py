"""What is known of language: sentences, clauses, polarity, numbers; English best."""
