"""HTTP: requests, responses, problem documents and CORS as API Gateway hands them over."""
