"""Step Functions: executions of the workflow, and the graph of their states."""
