"""The emulator on this machine: a plain process or a container."""
