"""Properties of every output format."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from processor.images.canvas import Canvas
from processor.images.describe.owner import NOBODY
from processor.images.encode import File, encode
from processor.images.encode.metadata import NOTHING, kept_metadata
from processor.images.recipe import Auto, Avif, Gif, Jpeg, Output, Png, WebP
from tests.unit.processor.images.sample_images import decoded, difference

ALL = (Jpeg(), Png(), WebP(), Avif(), Gif())
ANIMATED = (Png(), WebP(lossless=True), Avif(quality=90, speed=10), Gif())


@pytest.mark.parametrize(
    ("output", "format_name", "extension", "content_type"),
    [
        (Jpeg(), "JPEG", "jpg", "image/jpeg"),
        (Png(), "PNG", "png", "image/png"),
        (WebP(), "WEBP", "webp", "image/webp"),
        (Avif(), "AVIF", "avif", "image/avif"),
        (Gif(), "GIF", "gif", "image/gif"),
        (Auto(), "JPEG", "jpg", "image/jpeg"),
    ],
)
def test_type(
    photograph: Image.Image, output: Output, format_name: str, extension: str, content_type: str
) -> None:
    """A file has the format of its media type and extension."""
    file = encode(Canvas((photograph,)), output)
    assert decoded(file.data).format == format_name
    assert (file.extension, file.content_type) == (extension, content_type)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (1, 40), (33, 17), (64, 64), (301, 199)])
@pytest.mark.parametrize("output", ALL)
def test_looks_the_same(
    photograph: Image.Image, output: Output, size: tuple[int, int], mode: str
) -> None:
    """Images of every mode and size look like the original."""
    image = photograph.resize(size).convert(mode)
    if mode == "RGBA" and isinstance(output, Jpeg):
        image = image.convert("RGB")
    back = decoded(encode(Canvas((image,)), output).data).convert(image.mode)
    assert difference(image, back) < 14


@pytest.mark.parametrize("output", [WebP(), Png(), Avif(encoder="svt"), Avif(encoder="aom")])
def test_alpha(cutout: Image.Image, output: Output) -> None:
    """Half-transparency is kept."""
    back = decoded(encode(Canvas((cutout,)), output).data)
    assert difference(cutout.getchannel("A"), back.convert("RGBA").getchannel("A")) < 4


@pytest.mark.parametrize("output", ALL)
def test_no_metadata(photograph: Image.Image, output: Output) -> None:
    """No metadata of the image object is written."""
    secret = b"secret" * 20
    photograph.info |= {
        "icc_profile": secret, "exif": b"Exif\0\0" + secret, "xmp": secret, "comment": secret,
        "dpi": (123, 123), "gamma": 0.4, "background": 3, "transparency": (1, 2, 3), "loop": 7,
        "XML:com.adobe.xmp": secret.decode(),
    }  # fmt: skip
    data = encode(Canvas((photograph,)), output).data
    assert b"secret" not in data
    assert (
        decoded(data)
        .info.keys()
        .isdisjoint({"icc_profile", "exif", "xmp", "comment", "dpi", "gamma", "transparency"})
    )


@pytest.mark.parametrize(
    "output", [Jpeg(), Png(), WebP(), Avif(encoder="svt"), Avif(encoder="aom")]
)
def test_exif(photograph: Image.Image, output: Output) -> None:
    """The EXIF that is passed is written."""
    original = Image.Exif()
    original[0x8298] = "(c) Somebody"
    metadata = kept_metadata(original, NOBODY, Jpeg(metadata="keep"))
    assert decoded(encode(Canvas((photograph,)), output, metadata).data).getexif()[0x8298] == (
        "(c) Somebody"
    )


@pytest.mark.parametrize("output", ANIMATED)
def test_animation(photograph: Image.Image, output: Output) -> None:
    """Frames and their durations are kept, in order."""
    frames = tuple(photograph.rotate(angle).resize((80, 60)) for angle in (0, 90, 180))
    file = encode(Canvas(frames, (100, 250, 60), 3), output)
    with Image.open(io.BytesIO(file.data)) as back:
        assert back.n_frames == 3  # type: ignore[attr-defined]
        durations = []
        for frame, original in zip(ImageSequence.Iterator(back), frames, strict=True):
            frame.load()
            durations.append(frame.info["duration"])
            assert difference(frame.convert("RGB"), original) < 14
    assert durations == [100, 250, 60]


@pytest.mark.parametrize("output", [Png(), WebP(), Gif()])
@pytest.mark.parametrize("loop", [0, 1, 5])
def test_loop(moving: tuple[Image.Image, ...], output: Output, loop: int) -> None:
    """The number of plays is kept; GIF stores the repeats."""
    data = encode(Canvas(moving, (100,) * 4, loop), output).data
    stored = loop - 1 if loop and isinstance(output, Gif) else loop
    assert (
        decoded(data).info.get("loop", 0 if isinstance(output, Gif) and loop == 1 else 1) == stored
    )


@pytest.mark.parametrize(
    "output",
    [
        Jpeg(),
        Png(animation="first-frame"),
        WebP(animation="first-frame"),
        Avif(animation="first-frame"),
        Gif(animation="first-frame"),
    ],
)
def test_first_frame(moving: tuple[Image.Image, ...], output: Output) -> None:
    """Without animation, the first frame is encoded."""
    frames = tuple(frame.convert("RGB") for frame in moving)
    data = encode(Canvas(frames, (100,) * 4), output).data
    assert getattr(decoded(data), "n_frames", 1) == 1
    assert difference(decoded(data).convert("RGB"), frames[0]) < 14


@pytest.mark.parametrize(
    "output", [Png(), WebP(lossless=True), Gif(), Gif(colors=4), Png(colors=8)]
)
def test_transparent_frames(moving: tuple[Image.Image, ...], output: Output) -> None:
    """Transparent frames replace each other, and black stays distinct from transparent."""
    file = encode(Canvas(moving, (100,) * 4), output)
    with Image.open(io.BytesIO(file.data)) as back:
        for frame, original in zip(ImageSequence.Iterator(back), moving, strict=True):
            seen = frame.convert("RGBA")
            assert seen.getchannel("A").tobytes() == original.getchannel("A").tobytes()
            assert difference(_on_white(seen), _on_white(original)) < 2


def _on_white(image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)


@pytest.mark.parametrize("output", [*ALL, Avif(encoder="aom")])
def test_image_is_left_alone(cutout: Image.Image, output: Output) -> None:
    """Encoding doesn't change the image."""
    image = cutout.convert("RGB") if isinstance(output, Jpeg) else cutout
    image.info["comment"] = "stays"
    before = image.tobytes()
    encode(Canvas((image,)), output, NOTHING)
    assert image.tobytes() == before
    assert image.info == {"comment": "stays"}
    assert not hasattr(image, "encoderinfo")


def test_threads(photograph: Image.Image) -> None:
    """Encoding one image in several threads gives the same files as one thread."""
    canvas = Canvas((photograph,))
    outputs: list[Output] = [
        *(Jpeg(quality=quality) for quality in (30, 60, 90)),
        Png(), Png(colors=16), WebP(quality=20), WebP(lossless=True), Gif(),
        Avif(encoder="svt", quality=30), Avif(encoder="svt", quality=70), Avif(speed=9),
    ] * 2  # fmt: skip
    alone = [encode(canvas, output) for output in outputs]
    with ThreadPoolExecutor(6) as threads:
        together: list[File] = list(threads.map(lambda output: encode(canvas, output), outputs))
    assert together == alone


def test_without_memory_files(
    photograph: Image.Image, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without memfd the files are the same, and nothing is printed."""
    canvas = Canvas((photograph,))
    expected = encode(canvas, Jpeg())
    monkeypatch.setattr("processor.images.encode.saving._new_file", io.BytesIO)
    assert encode(canvas, Jpeg()) == expected
    encode(canvas, Avif(encoder="svt"))
    assert capfd.readouterr() == ("", "")


def test_files_are_closed(photograph: Image.Image) -> None:
    """No file is left open."""
    encode(Canvas((photograph,)), Jpeg())
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        encode(Canvas((photograph,)), Jpeg())
    assert len(list(Path("/dev/fd").iterdir())) == before
