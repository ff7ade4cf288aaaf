"""Errors of the work on an image: permanent ones, and those that may pass on retry."""

import re

MISSING_ORIGINAL = "missing-original"
ORIGINAL_DELETED = "original-deleted"
ORIGINAL_EXPIRED = "original-expired"


class PermanentError(Exception):
    """An original that cannot be processed: a retry changes nothing.

    ``code`` is stable and meant for programs, ``message`` is a sentence for the person who uploaded
    the image, ``details`` are for the log and may quote a decoder.
    """

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


DELETED = PermanentError(
    ORIGINAL_DELETED,
    "The original was deleted after processing: nothing new can be rendered from it. Upload the "
    "image again under the same key.",
)

EXPIRED = PermanentError(
    ORIGINAL_EXPIRED,
    "The original has expired (OriginalsRetention): nothing new can be rendered from it. Upload "
    "the image again under the same key.",
)

TOO_COSTLY = PermanentError(
    "too-costly",
    "The image needed more time or memory than the function has, in more than one attempt. Upload "
    "a smaller or simpler version.",
)

CUT_OFF = PermanentError(
    "gave-up",
    "All attempts failed. In the last one, the function ran out of time or crashed. The message is "
    "in the dead-letter queue. Run `darkroom redrive` to try again.",
)


class SupersededError(Exception):
    """A newer change of the key is known: this work is out of date."""


class LostClaimError(Exception):
    """Another attempt holds the claim: a new claim shows what is left to do."""


class DuplicateError(Exception):
    """The change has its outcome, or an attempt for another message is in progress."""


class BusyError(Exception):
    """Another receive of this message is in progress: it has to be received again later."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Another attempt may be in progress for up to {seconds:.0f} s more.")
        self.seconds = seconds
        """Until that attempt has ended for certain."""


class OutOfTimeError(Exception):
    """The function's remaining time is too short for the work."""


class MalformedMessageError(ValueError):
    """A message that cannot be processed, now or later. The text says what is wrong with it."""


TRANSIENT_AWS_ERRORS = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        # The response to a HEAD has no body: its status is the code.
        *("429", "500", "502", "503", "504"),
    }
)
"""Error codes of AWS services that may pass on retry."""


REFUSAL = re.compile(r"User: \S+ is not authorized to perform: .*", re.DOTALL)
"""AWS's sentence about a request that no policy allows, or that one denies.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""


def why_failed(text: str) -> str:
    """Return how "all attempts failed" goes on in an entry, from the text of the last error.

    A missing permission is the deployment's fault, not the image's.
    """
    if refusal := REFUSAL.search(text):
        return (
            f": the stack lacks a permission, and the image is not at fault. {sentence(refusal[0])}"
            " Add the permission, and deploy."
        )
    return f"; the last error was {sentence(text)}"


def sentence(text: str) -> str:
    """Return an error's text as a sentence, which another one can follow."""
    text = text.rstrip(": \n")
    return text if text.endswith((".", "!", "?")) else f"{text}."
