"""API Gateway, where LocalStack leaves out what an API says of its own errors."""
