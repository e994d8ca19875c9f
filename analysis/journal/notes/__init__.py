"""The author's notes: where values stand in them, and what each is."""
