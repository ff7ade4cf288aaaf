"""Code of CloudFront functions: JavaScript as it is deployed, within CloudFront's limit.

The function of imgproxy URLs contains declarations of ``variants.js``: both functions canonicalize
options and write the key of the stored object with the same code.
"""

import re

from localstack_init.build import PACKAGES, BuildError

EDGE = PACKAGES / "processor" / "edge"

MOST_FUNCTION_BYTES = 10_240
"""CloudFront's limit for the code of a function.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""

SHARED = (
    "ORDER", "LARGEST_SIDE", "KEY_BYTES", "ERROR_SECONDS", "WIDTHS", "rewritten", "simplified",
    "snapped", "canonical", "chosenFormat", "gcd", "decoded", "encoded", "fail", "response",
)  # fmt: skip
"""What the function of imgproxy URLs has of ``variants.js``."""

# After the slash of a division is a space, after that of a regular expression none.
_LITERAL = r"'(?:[^'\\\n]|\\.)*'|/(?![ /])(?:\[(?:\\.|[^\]\\\n])*\]|\\.|[^/\\\n\[])+/[a-z]*"
_SPACES = r" *(?P<mark>=>|[=!<>]==?|[-+*%<>]=?|&&|\|\||[=?:,;{}()\[\]]|/(?= )) *"
_TOKEN = re.compile(rf"(?P<literal>{_LITERAL})|{_SPACES}")


def compact(code: str) -> str:
    """Return JavaScript without comment lines, indents, and spaces around punctuation.

    Strings have single quotes, and comments lines of their own, as in ``processor/edge``.
    """
    lines = (line.strip() for line in code.splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith("//"))
    return _TOKEN.sub(lambda found: found["literal"] or found["mark"], kept)


def imgproxy_function() -> str:
    """Return the code of the function of imgproxy URLs. Raises ``BuildError``."""
    source = (EDGE / "variants.js").read_text()
    shared = [_declaration(source, name) for name in SHARED]
    code = compact("".join([(EDGE / "imgproxy.js").read_text(), *shared]))
    if (size := len(code.encode())) > MOST_FUNCTION_BYTES:
        raise BuildError(
            f"The edge function of imgproxy URLs has {size:,} bytes; CloudFront allows "
            f"{MOST_FUNCTION_BYTES:,}. Shorten processor/edge/imgproxy.js."
        )
    return code


def _declaration(source: str, name: str) -> str:
    """Return a function, or a constant of one line, at the top level of JavaScript."""
    pattern = rf"^(function {name}\(.*?^}}|const {name} = [^\n]*;)\n"
    found = re.search(pattern, source, re.DOTALL | re.MULTILINE)
    if not found:
        raise BuildError(f"processor/edge/variants.js has no {name}, which imgproxy.js needs.")
    return found[0]
