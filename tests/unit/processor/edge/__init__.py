"""Tests of processor/edge: CloudFront functions, run by Node.js."""
