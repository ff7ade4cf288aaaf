"""HTTP API behind API Gateway: uploads, images, review, recipes and stats.

docs/reference/openapi.yaml is its contract.
"""
