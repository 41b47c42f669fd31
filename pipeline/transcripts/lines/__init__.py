"""Text transcripts, line by line: markup off, label, role, time and words apart, the form from all lines."""
