"""The workflow: a picture's way through Step Functions, step by step (docs/workflow.md)."""
