"""Differential test of decoding: the engine beside Chromium, on a matrix of generated files."""
