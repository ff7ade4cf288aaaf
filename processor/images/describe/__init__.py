"""Analysis of an image: palette, placeholder, hashes, sharpness and EXIF."""
