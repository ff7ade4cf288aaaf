"""Rekognition API errors, with AWS's messages where they are known."""

from localstack.aws.api import CommonServiceException

INVALID_PARAMETERS = "Request has invalid parameters"


def error(code: str, message: str) -> CommonServiceException:
    """Return the error of a code such as ``InvalidImageFormatException``."""
    return CommonServiceException(code, message, 400, sender_fault=True)


def invalid_parameters(reason: str = "") -> CommonServiceException:
    """Return AWS's error for invalid parameters, to which a reason can be added."""
    return error(
        "InvalidParameterException",
        f"{INVALID_PARAMETERS}: {reason}" if reason else INVALID_PARAMETERS,
    )


def not_emulated(what: str) -> CommonServiceException:
    """Return the error for a feature of AWS that the emulator lacks."""
    return error("InvalidParameterException", f"The emulator does not support {what}.")


def missing_extra(extra: str) -> CommonServiceException:
    """Return the error of an installation without an extra; clients do not retry it."""
    return CommonServiceException(
        "NotImplementedException",
        "The packages for the emulator's Rekognition are not installed. Install them:"
        f" pip install 'localstack-extension-native[{extra}]'",
        501,
    )
