"""Configurations and data in, trained models out: the only part that needs torch."""
