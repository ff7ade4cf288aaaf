"""EventBridge: targets with retries and dead-letter queues, and state that is restored."""
