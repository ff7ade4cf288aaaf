"""CloudFront Functions: code, key value stores, and their runs at the edge."""
