"""Lambda's entry points: each parses its event, calls the pipeline, and returns its response."""
