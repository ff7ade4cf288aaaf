"""The workflow's parts, over services in memory."""
