"""Public samples that run against the emulator, as their authors publish them."""
