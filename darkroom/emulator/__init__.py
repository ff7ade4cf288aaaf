"""The emulator on this machine, as a process or as a container: start, find and stop it."""
