"""Step Functions: what LocalStack's leaves out."""
