"""The networks: where they come from, how they run, and what their numbers mean."""
