"""Fuzzing of the image engine: ``make fuzz``."""
