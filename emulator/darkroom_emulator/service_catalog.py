"""LocalStack's index of all AWS services, built once for each installation.

LocalStack builds it at the first request after a start in a new folder, which takes 2.5 s and
350 MB that are never returned. Here another process builds it and stores it in the environment.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MAKE = "import sys; from localstack.aws import spec; spec.build_service_index_cache(sys.argv[1])"


def prepare() -> Path:
    """Build the index if the installation has none; return its path."""
    from localstack.aws.spec import _get_catalog_filename

    kept = Path(sys.prefix) / "share" / "localstack" / str(_get_catalog_filename())
    if not kept.exists():
        make(kept)
    return kept


def provide() -> None:
    """Copy the index to LocalStack's folder."""
    from localstack import config

    try:
        kept = prepare()
        target = Path(config.dirs.static_libs) / kept.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept, target)
    except (OSError, subprocess.SubprocessError) as error:
        # In a read-only installation, LocalStack builds its own.
        print(  # noqa: T201 (LocalStack's log is not set up yet)
            f"The index of AWS services can't be stored for the next start: {error}"
        )


def make(kept: Path) -> None:
    """Build the index and store it atomically."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        new = Path(folder) / kept.name
        subprocess.run([sys.executable, "-c", MAKE, new], check=True, timeout=120)
        new.replace(kept)
