"""LocalStack's index of all AWS services, made once for each installation.

LocalStack makes it at the first request after a start in a new folder: that takes 2.5 s, and the
350 MB that it needs are never given back. Here another process makes it, and keeps it beside the
packages that it is made from.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MAKE = "import sys; from localstack.aws import spec; spec.build_service_index_cache(sys.argv[1])"


def prepare() -> Path:
    """Make the index if this installation has none; return where it is."""
    from localstack.aws.spec import _get_catalog_filename

    kept = Path(sys.prefix) / "share" / "localstack" / str(_get_catalog_filename())
    if not kept.exists():
        make(kept)
    return kept


def provide() -> None:
    """Put the index where LocalStack looks for it."""
    from localstack import config

    try:
        kept = prepare()
        place = Path(config.dirs.static_libs) / kept.name
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept, place)
    except (OSError, subprocess.SubprocessError) as error:
        # An installation that can't be written to: LocalStack makes its own.
        print(  # noqa: T201 (LocalStack's log is not there yet)
            f"The index of AWS services is not kept for the next start: {error}"
        )


def make(kept: Path) -> None:
    """Make the index; others who start at the same time see all of it or nothing."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        new = Path(folder) / kept.name
        subprocess.run([sys.executable, "-c", MAKE, new], check=True, timeout=120)
        new.replace(kept)
