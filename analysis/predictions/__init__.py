"""What was claimed, what decides it, the verdict, its sentence; and what a plan can hope to decide."""
