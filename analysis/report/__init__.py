"""A study's folder of output: where, from what, written whole, its history, served, printed."""
