"""Text: fonts, shaping, line breaks and right-to-left scripts."""
