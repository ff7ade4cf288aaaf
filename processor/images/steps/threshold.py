"""Threshold: black and white only."""

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import luminance, with_alpha_of


def threshold(canvas: Canvas, job: Job) -> Canvas:
    """Make pixels white whose luminance, 0 to 255, reaches the threshold, and all others black."""
    least = job.rendition.threshold
    if least is None:
        return canvas
    tones = [255 * (tone >= least) for tone in range(256)]
    return canvas.map(lambda image: with_alpha_of(image, luminance(image).point(tones)))
