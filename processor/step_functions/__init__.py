"""Step Functions: executions of the workflow, started and described."""
