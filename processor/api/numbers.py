"""Query parameters that are numbers."""

from processor.api.http.problems import bad_request


def number(name: str, text: str | None, default: int, least: int, most: int) -> int:
    """Return a parameter's value, ``default`` without one. Raises ``ProblemError``."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        raise bad_request(
            "invalid-parameter",
            f"The {name} {text[:99]!r} is invalid. Use a number from {least} to {most}.",
        )
    return int(text)
