"""The inner loop: what is edited here runs in the emulator a moment later."""
