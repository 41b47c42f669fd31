"""What people look at to check and correct a talk."""
