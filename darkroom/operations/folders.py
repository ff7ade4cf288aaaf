"""Images in folders, nested ones included, and the files that are skipped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from darkroom.errors import CommandError
from processor.images import ImageError
from processor.images.decode.formats import detect_format

HEADER_BYTES = 4096
"""More than any format's signature."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files of paths: single ones as they are, and the images of folders."""

    files: list[tuple[Path, str]] = field(default_factory=list)
    """Each with its name, which is the path relative to the folder."""
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    """Each with the reason."""


def find_images(paths: Sequence[Path]) -> Found:
    """Return the files and the images of folders. Raises ``CommandError`` for a missing path."""
    found = Found()
    for path in paths:
        if path.is_dir():
            _search(path, found)
        elif path.is_file():
            found.files.append((path, path.name))
        else:
            problem = "Not a file or folder" if path.exists() else "No such file or folder"
            raise CommandError(f"{problem}: {path}")
    return found


def _search(folder: Path, found: Found) -> None:
    for file in _below(folder, found):
        if reason := _reason_to_skip(file):
            found.skipped.append((file, reason))
        else:
            found.files.append((file, file.relative_to(folder).as_posix()))


def _below(folder: Path, found: Found) -> Iterator[Path]:
    """Yield everything below a folder but folders, sorted. Links to folders are not followed."""

    def skip(error: OSError) -> None:
        found.skipped.append(
            (Path(error.filename), f"The folder cannot be read: {error.strerror}.")
        )

    for parent, folders, names in folder.walk(on_error=skip):
        folders.sort()
        yield from (parent / name for name in sorted(names))


def _reason_to_skip(file: Path) -> str | None:
    if not file.is_file():
        return _kind(file)
    try:
        str(file).encode()
        with file.open("rb") as stream:
            detect_format(stream.read(HEADER_BYTES))
    except UnicodeEncodeError:
        return "The name is not UTF-8, which S3 requires. Rename the file."
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."
    except ImageError as error:
        return error.message if file.stat().st_size else "The file is empty."
    return None


def _kind(file: Path) -> str:
    if file.is_dir():
        return "It is a link to a folder. Upload that folder itself."
    return "It is not a regular file." if file.exists() else "It is a link to a missing file."
