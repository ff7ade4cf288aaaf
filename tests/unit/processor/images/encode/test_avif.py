"""AVIF encoding."""

import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.encode import encode, svt
from processor.images.encode.avif import svt_quality, write_avif
from processor.images.encode.metadata import NOTHING
from processor.images.encode.svt import SvtError
from processor.images.recipe import Avif
from tests.unit.processor.images.sample_images import decoded, difference

needs_svt = pytest.mark.skipif(not find_spec("pillow_avif"), reason="no SVT-AV1 on this machine")


def data(image: Image.Image, output: Avif) -> bytes:
    """Return the bytes of the file."""
    return encode(Canvas((image,)), output).data


@pytest.mark.parametrize("encoder", ["svt", "aom"])
def test_quality(photograph: Image.Image, encoder: str) -> None:
    """Higher quality is closer to the original, and larger."""
    files = [data(photograph, Avif(quality=q, encoder=encoder)) for q in (20, 50, 80, 100)]  # type: ignore[arg-type]
    assert [len(file) for file in files] == sorted(len(file) for file in files)
    distances = [difference(decoded(file), photograph) for file in files]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 3.5


@pytest.mark.parametrize("encoder", ["svt", "aom"])
def test_speed(photograph: Image.Image, encoder: str) -> None:
    """Higher speed gives larger files."""
    slow, fast = (data(photograph, Avif(speed=speed, encoder=encoder)) for speed in (4, 10))  # type: ignore[arg-type]
    assert len(slow) < len(fast)


@needs_svt
@pytest.mark.parametrize(
    ("name", "speed", "taken"),
    [
        ("photograph", 6, "svt"),
        ("photograph", 8, "svt"),
        ("photograph", 9, "aom"),
        ("cutout", 6, "svt"),
        ("drawing", 6, "aom"),
    ],
)
def test_encoders(name: str, speed: int, taken: str, request: pytest.FixtureRequest) -> None:
    """The encoder can be chosen; by default it is SVT-AV1 for photographs, where it is faster."""
    image = request.getfixturevalue(name)
    files = {
        "svt": data(image, Avif(encoder="svt", speed=speed)),
        "aom": data(image, Avif(encoder="aom", speed=speed)),
    }
    assert files["svt"] != files["aom"]
    assert data(image, Avif(speed=speed)) == files[taken]


@needs_svt
@pytest.mark.parametrize("quality", [20, 35, 50, 65, 80, 90])
def test_same_quality(photograph: Image.Image, quality: int) -> None:
    """A quality looks about the same with either encoder."""
    aom, fast = (
        difference(decoded(data(photograph, Avif(quality=quality, encoder=encoder))), photograph)
        for encoder in ("aom", "svt")
    )
    assert fast == pytest.approx(aom, rel=0.2)


def test_svt_quality() -> None:
    """SVT-AV1's quality rises with aom's over the whole scale."""
    translated = [svt_quality(quality) for quality in range(101)]
    assert (translated[0], translated[-1]) == (0, 99)
    assert translated == sorted(translated)


@pytest.mark.parametrize("encoder", ["auto", "svt"])
def test_without_svt(photograph: Image.Image, encoder: Any) -> None:
    """Without SVT-AV1, aom encodes."""

    def missing(*_: object) -> bytes:
        raise SvtError("not installed")

    expected = data(photograph, Avif(encoder="aom"))
    assert write_avif(Canvas((photograph,)), Avif(encoder=encoder), NOTHING, missing) == expected


@pytest.mark.parametrize("size", [(3, 90), (90, 3), (20_000, 8)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    """Sizes that SVT-AV1 refuses (below 4 or above 16384 pixels a side) are encoded by aom."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    assert difference(decoded(data(image, Avif(encoder="svt", speed=10))), image) < 5


def test_no_broken_files(photograph: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """If SVT-AV1 returns nothing, aom encodes."""

    class Mute:
        def __init__(self, *_: object) -> None: ...
        def add(self, *_: object) -> None: ...
        def finish(self) -> None: ...

    monkeypatch.setattr(svt, "_module", lambda: type("Module", (), {"AvifEncoder": Mute}))
    assert decoded(data(photograph, Avif())).size == photograph.size


def test_threads(photograph: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder starts no more threads than there are processors."""
    seen = []

    def note(
        _image: object,
        _quality: int,
        _speed: int,
        threads: int,
        _metadata: object,
        _icc: bytes,
    ) -> bytes:
        seen.append(threads)
        return b"file"

    for processors in (1, 4, None):
        monkeypatch.setattr("os.process_cpu_count", lambda processors=processors: processors)
        assert write_avif(Canvas((photograph,)), Avif(), NOTHING, note) == b"file"
    assert seen == [1, 4, 1]


@needs_svt
def test_pillow_decodes() -> None:
    """Pillow's own plugin is still registered after SVT-AV1 was used."""
    program = (
        "from PIL import Image; from processor.images.encode.svt import encode_svt; import sys;"
        "from processor.images.encode.metadata import NOTHING;"
        "encode_svt(Image.new('RGB', (64, 64)), 50, 10, 1, NOTHING);"
        "Image.init(); assert Image.OPEN['AVIF'][0].__module__ == 'PIL.AvifImagePlugin';"
        "assert 'pillow_avif' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
