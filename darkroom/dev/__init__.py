"""`darkroom dev`: every saved change runs in the emulator a moment later."""
