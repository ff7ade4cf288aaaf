"""Decoding: files of each format, checked by their headers and opened."""
