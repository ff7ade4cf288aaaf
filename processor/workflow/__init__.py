"""Workflow: Step Functions processes one image step by step (docs/explanation/workflow.md)."""
