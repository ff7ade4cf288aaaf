"""HTTP for Lambda behind API Gateway: routing, requests, responses, problem documents and CORS."""
