"""The steps of the engine, one a file. Each looks first whether it has anything to do."""
