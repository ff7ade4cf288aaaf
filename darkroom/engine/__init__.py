"""The image engine on this machine: recipe files, rendering, JSON Schema and reference."""
