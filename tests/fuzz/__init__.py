"""Find what breaks the image engine: ``make fuzz``."""
