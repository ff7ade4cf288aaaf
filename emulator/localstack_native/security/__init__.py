"""Security checks of every request: host name, browser origin, signature."""
