"""Terminal output: tables, timelines and charts of what the other packages return."""
