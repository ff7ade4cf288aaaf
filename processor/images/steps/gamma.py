"""Make the middle tones lighter or darker."""

from processor.images.canvas import Canvas, Job
from processor.images.color import look_up, table


def gamma(canvas: Canvas, job: Job) -> Canvas:
    """Raise the tones to the power of 1 / gamma; black and white stay."""
    exponent = job.rendition.gamma
    if exponent is None:
        return canvas
    tones = table(lambda tone: tone ** (1 / exponent))
    return canvas.map(lambda image: look_up(image, tones))
