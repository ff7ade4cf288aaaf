"""Tests of processor/sqs."""
