"""What protects stacks: termination protection, and stack policies as far as they are kept."""
