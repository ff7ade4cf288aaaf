"""S3: originals, renditions, and the images that watermarks use."""
