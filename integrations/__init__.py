"""Connected systems, what is read from them and written to them, and the morning run."""
