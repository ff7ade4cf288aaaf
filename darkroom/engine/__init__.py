"""The image engine on this machine: recipe files, renditions, schema and reference."""
