"""A folder whose pictures go through the pipeline as they are dropped into it."""
