"""S3: atomic writes of a key, ordered events, conditional deletes, listings, sandboxed objects."""
