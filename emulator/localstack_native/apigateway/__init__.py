"""API Gateway: gateway responses, the limit of request sizes, and metrics."""
