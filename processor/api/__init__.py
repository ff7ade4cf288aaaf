"""The API behind API Gateway: uploads, images, recipes, stats. Contract: docs/openapi.yaml."""
