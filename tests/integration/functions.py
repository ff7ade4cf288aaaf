"""Small Lambda functions of tests, from a string of Python."""

import io
import textwrap
import zipfile

ROLE = "arn:aws:iam::000000000000:role/any"


def archive(files: dict[str, str]) -> bytes:
    """Return a zip file with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in files.items():
            file.writestr(name, textwrap.dedent(text))
    return buffer.getvalue()
