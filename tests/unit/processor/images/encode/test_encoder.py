"""Renditions that are encoded beside one another."""

import os
import threading
import time
from collections.abc import Iterator

import pytest
from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.encode import File, encode
from processor.images.encode import encoder as module
from processor.images.encode.encoder import Encoder
from processor.images.errors import ImageError
from processor.images.plan.geometry import plan
from processor.images.recipe import Output, Png, Rendition, WebP
from tests.unit.processor.images.pictures import decoded, quarters

CANVAS = Canvas((quarters(),))


def job(name: str, output: Output | None = None, density: float = 1) -> Job:
    """A rendition."""
    rendition = Rendition(name, output or Png())
    return Job(rendition, plan(120, 80, rendition), rendition.output, density)


@pytest.fixture(params=[1, 2, 4])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Give how many processors there are."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: request.param)
    module._threads.cache_clear()
    yield request.param
    if request.param > 1:
        module._threads().shutdown()
    module._threads.cache_clear()


def test_encodes(processors: int) -> None:
    """All renditions come back under their names, with what there is to know of them."""
    encoder = Encoder()
    wanted = [job(f"r{number}", WebP() if number % 2 else Png()) for number in range(9)]
    for number, each in enumerate(wanted):
        encoder.add(Canvas((quarters(20 + 2 * number, 10),)), each, b"", spent=0.5)
    done = encoder.finish()
    assert processors
    assert sorted(done) == [f"r{number}" for number in range(9)]
    for number in range(9):
        made = done[f"r{number}"]
        assert (made.width, made.height) == decoded(made.data).size == (20 + 2 * number, 10)
        expected = ("webp", "image/webp") if number % 2 else ("png", "image/png")
        assert (made.extension, made.content_type) == expected
        assert made.milliseconds >= 500


@pytest.mark.usefixtures("processors")
def test_densities_have_names_of_their_own() -> None:
    """One rendition at two densities is two."""
    encoder = Encoder()
    for density in (1, 2, 1.5):
        encoder.add(CANVAS, job("a", density=density), b"", 0)
    assert set(encoder.finish()) == {"a", "a@2x", "a@1.5x"}


@pytest.mark.usefixtures("processors")
def test_exif_is_passed_on() -> None:
    """What metadata is to be kept is written."""
    exif = Image.Exif()
    exif[0x8298] = "(c) A. Tist"
    encoder = Encoder()
    encoder.add(CANVAS, job("a"), exif.tobytes(), 0)
    assert decoded(encoder.finish()["a"].data).getexif()[0x8298] == "(c) A. Tist"


@pytest.mark.usefixtures("processors")
def test_errors_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rendition that cannot be encoded fails the picture, at the latest in the end."""

    def refuse(*_: object) -> File:
        raise ImageError("cannot-fit", "Too large.")

    monkeypatch.setattr(module, "encode", refuse)
    encoder = Encoder()

    def work() -> None:
        encoder.add(CANVAS, job("a"), b"", 0)
        encoder.finish()

    with pytest.raises(ImageError) as refusal:
        work()
    assert refusal.value.code == "cannot-fit"


def test_no_more_wait_than_there_are_processors(
    processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished pictures take memory: who makes more has to wait, until one is encoded."""
    lock, held, most = threading.Lock(), 0, 0

    class Watched(Encoder):
        """Counts the pictures that were handed over and are not encoded yet."""

        def add(self, canvas: Canvas, job: Job, exif: bytes, spent: float, at: float = 0) -> None:
            """Count one more."""
            nonlocal held, most
            with lock:
                held += 1
            super().add(canvas, job, exif, spent, at)
            with lock:
                most = max(most, held)

    def slowly(*arguments: object) -> File:
        nonlocal held
        time.sleep(0.01)
        file = encode(*arguments)  # type: ignore[arg-type]
        with lock:
            held -= 1
        return file

    monkeypatch.setattr(module, "encode", slowly)
    encoder = Watched()
    for number in range(12):
        encoder.add(CANVAS, job(f"r{number}"), b"", 0)
        assert len(encoder._waiting) <= processors
    assert len(encoder.finish()) == 12
    assert most <= processors


def test_large_pictures_wait_for_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more pixels are encoded at once than there is memory for, unless one has more."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: 4)
    monkeypatch.setattr(module, "MOST_PIXELS", 2 * 120 * 80)
    module._threads.cache_clear()
    encoder = Encoder()
    waiting = []
    for number in range(4):
        encoder.add(CANVAS, job(f"r{number}"), b"", 0)
        waiting.append(len(encoder._waiting))
    encoder.add(Canvas((quarters(),) * 3, (40, 40, 40)), job("moving"), b"", 0)
    waiting.append(len(encoder._waiting))
    assert waiting == [1, 2, 2, 2, 1]
    assert len(encoder.finish()) == 5
    module._threads().shutdown()
    module._threads.cache_clear()


def test_one_processor_needs_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one processor threads would only take turns."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: 1)
    monkeypatch.setattr(module, "_threads", lambda: pytest.fail("a thread was started"))
    encoder = Encoder()
    encoder.add(CANVAS, job("a"), b"", 0)
    assert set(encoder.finish()) == {"a"}


def test_more_processors_work_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With two processors two renditions are encoded at the same time."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: 2)
    module._threads.cache_clear()
    both = threading.Barrier(2, timeout=20)

    def together(*arguments: object) -> File:
        both.wait()
        return encode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "encode", together)
    encoder = Encoder()
    encoder.add(CANVAS, job("a"), b"", 0)
    encoder.add(CANVAS, job("b"), b"", 0)
    assert set(encoder.finish()) == {"a", "b"}
    module._threads().shutdown()
    module._threads.cache_clear()
