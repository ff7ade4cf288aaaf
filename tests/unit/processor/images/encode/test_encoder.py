"""Parallel encoding of renditions."""

import threading
import time

import pytest
from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.encode import File, encode
from processor.images.encode.encoder import Encoder
from processor.images.encode.metadata import NOTHING, FileMetadata
from processor.images.errors import ImageError
from processor.images.plan.geometry import plan
from processor.images.recipe import Output, Png, Rendition, WebP
from tests.speed import LIMIT
from tests.unit.processor.images.sample_images import decoded, quarters

CANVAS = Canvas((quarters(),))


def job(name: str, output: Output | None = None, density: float = 1) -> Job:
    """Plan a rendition of the image."""
    rendition = Rendition(name, output or Png())
    return Job(rendition, plan((120, 80), rendition), (120, 80), density)


@pytest.fixture(params=[1, 2, 4])
def processors(request: pytest.FixtureRequest) -> int:
    """Give the number of processors."""
    return int(request.param)


def test_encodes(processors: int) -> None:
    """All renditions are returned under their names, with their sizes, types and times."""
    encoder = Encoder(processors)
    wanted = [job(f"r{number}", WebP() if number % 2 else Png()) for number in range(9)]
    for number, each in enumerate(wanted):
        encoder.add(Canvas((quarters(20 + 2 * number, 10),)), each, NOTHING, spent=0.5)
    done = encoder.finish()
    assert sorted(done) == [f"r{number}" for number in range(9)]
    for number in range(9):
        made = done[f"r{number}"]
        assert (made.width, made.height) == decoded(made.data).size == (20 + 2 * number, 10)
        expected = ("webp", "image/webp") if number % 2 else ("png", "image/png")
        assert (made.extension, made.content_type) == expected
        assert made.milliseconds >= 500


def test_densities_have_names_of_their_own(processors: int) -> None:
    """One rendition at two densities is two."""
    encoder = Encoder(processors)
    for density in (1, 2, 1.5):
        encoder.add(CANVAS, job("a", density=density), NOTHING, 0)
    assert set(encoder.finish()) == {"a", "a@2x", "a@1.5x"}


def test_exif_is_written(processors: int) -> None:
    """The file has the EXIF that it is encoded with."""
    exif = Image.Exif()
    exif[0x8298] = "(c) A. Tist"
    encoder = Encoder(processors)
    encoder.add(CANVAS, job("a"), FileMetadata(exif.tobytes()), 0)
    assert decoded(encoder.finish()["a"].data).getexif()[0x8298] == "(c) A. Tist"


def test_errors_are_raised(processors: int) -> None:
    """An encoder's error is raised by ``add`` or, at the latest, by ``finish``."""

    def refuse(*_: object) -> File:
        raise ImageError("cannot-fit", "Too large.")

    encoder = Encoder(processors, encode=refuse)

    def work() -> None:
        encoder.add(CANVAS, job("a"), NOTHING, 0)
        encoder.finish()

    with pytest.raises(ImageError) as refusal:
        work()
    assert refusal.value.code == "cannot-fit"


def test_no_more_wait_than_there_are_processors(processors: int) -> None:
    """``add`` waits while as many canvases as processors are not encoded yet: they take memory."""
    lock, held, most = threading.Lock(), 0, 0

    def slowly(canvas: Canvas, output: Output, metadata: FileMetadata) -> File:
        nonlocal held
        time.sleep(0.01)
        file = encode(canvas, output, metadata)
        with lock:
            held -= 1
        return file

    encoder = Encoder(processors, encode=slowly)
    for number in range(12):
        with lock:
            held += 1
        encoder.add(CANVAS, job(f"r{number}"), NOTHING, 0)
        with lock:
            most = max(most, held)
        assert len(encoder._waiting) <= processors
    assert len(encoder.finish()) == 12
    assert most <= processors


def test_large_images_wait_for_one_another() -> None:
    """No more than ``max_pixels`` are encoded at once, unless one image has more."""
    encoder = Encoder(processors=4, max_pixels=2 * 120 * 80)
    waiting = []
    for number in range(4):
        encoder.add(CANVAS, job(f"r{number}"), NOTHING, 0)
        waiting.append(len(encoder._waiting))
    encoder.add(Canvas((quarters(),) * 3, (40, 40, 40)), job("animated"), NOTHING, 0)
    waiting.append(len(encoder._waiting))
    assert waiting == [1, 2, 2, 2, 1]
    assert len(encoder.finish()) == 5


def test_one_processor_needs_no_threads() -> None:
    """With one processor the calling thread encodes."""
    threads: set[int] = set()

    def note(canvas: Canvas, output: Output, metadata: FileMetadata) -> File:
        threads.add(threading.get_ident())
        return encode(canvas, output, metadata)

    encoder = Encoder(processors=1, encode=note)
    encoder.add(CANVAS, job("a"), NOTHING, 0)
    assert set(encoder.finish()) == {"a"}
    assert threads == {threading.get_ident()}


def test_more_processors_work_at_once() -> None:
    """With two processors two renditions are encoded at the same time."""
    both = threading.Barrier(2, timeout=LIMIT)

    def together(canvas: Canvas, output: Output, metadata: FileMetadata) -> File:
        both.wait()
        return encode(canvas, output, metadata)

    encoder = Encoder(processors=2, encode=together)
    encoder.add(CANVAS, job("a"), NOTHING, 0)
    encoder.add(CANVAS, job("b"), NOTHING, 0)
    assert set(encoder.finish()) == {"a", "b"}
