"""The queue: messages in, batches of work, and messages that ask for more work."""
