"""Persistent state: snapshots of all services' state, which the next start restores."""
