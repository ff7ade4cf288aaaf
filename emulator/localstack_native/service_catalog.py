"""LocalStack's index of all AWS services, built once for each installation.

LocalStack builds it at the first request after a start in a new folder, which takes 2.5 s and
350 MB that are never returned. Here another process builds it and stores it in the environment.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BUILD = "import sys; from localstack.aws import spec; spec.build_service_index_cache(sys.argv[1])"


def prepare() -> Path:
    """Build the index if the installation has none; return its path."""
    from localstack.aws.spec import _get_catalog_filename

    index = Path(sys.prefix) / "share" / "localstack" / str(_get_catalog_filename())
    if not index.exists():
        build(index)
    return index


def provide() -> None:
    """Copy the index to LocalStack's folder."""
    from localstack import config

    try:
        index = prepare()
        target = Path(config.dirs.static_libs) / index.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(index, target)
    except (OSError, subprocess.SubprocessError) as error:
        # In a read-only installation, LocalStack builds its own.
        print(  # noqa: T201 (LocalStack's log is not set up yet)
            f"The index of AWS services can't be stored for the next start: {error}"
        )


def build(index: Path) -> None:
    """Build the index and store it atomically."""
    index.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=index.parent) as folder:
        new = Path(folder) / index.name
        subprocess.run([sys.executable, "-c", BUILD, new], check=True, timeout=120)
        new.replace(index)
