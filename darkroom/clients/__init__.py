"""URL builders for other programs: each is one file without dependencies, to copy."""
