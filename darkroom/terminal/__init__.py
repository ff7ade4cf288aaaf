"""Terminal output: tables, timelines and escaped text."""
