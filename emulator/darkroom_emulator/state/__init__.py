"""State that outlives LocalStack: snapshots of all that its services hold."""
