"""What a person looks at to put a talk right."""
