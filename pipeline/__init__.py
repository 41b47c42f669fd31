"""takeaways: from a recorded conversation to a post of themed takeaways. Start at pipeline/stages/."""
