"""Gamma correction."""

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import look_up, table


def gamma(canvas: Canvas, job: Job) -> Canvas:
    """Raise all tones to the power of 1 / gamma, which keeps black and white."""
    exponent = job.rendition.gamma
    if exponent is None:
        return canvas
    tones = table(lambda tone: tone ** (1 / exponent))
    return canvas.map(lambda image: look_up(image, tones))
