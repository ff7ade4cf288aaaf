"""The workflow, deployed, in each of its branches."""
