"""Descriptions: palettes, hashes, placeholders and EXIF facts of an image."""
