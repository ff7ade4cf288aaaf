"""Black and white, and nothing between."""

from processor.images.canvas import Canvas, Job
from processor.images.color import cover, luminance


def threshold(canvas: Canvas, job: Job) -> Canvas:
    """Make pixels white whose luminance, from 0 to 255, reaches the threshold; others black."""
    least = job.rendition.threshold
    if least is None:
        return canvas
    tones = [255 * (tone >= least) for tone in range(256)]
    return canvas.map(lambda image: cover(luminance(image).point(tones), image))
