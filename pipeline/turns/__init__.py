"""Who said what: voices to words, words to people, people to names, and what a person puts right."""
