"""HTTP API behind API Gateway: uploads, images, review, recipes and stats.

docs/openapi.yaml is its contract.
"""
