"""Permissions: flows of a stack whose roles are enforced, and the removal of each permission."""
