"""The API's errors, in AWS's words where those are known."""

from localstack.aws.api import CommonServiceException

INVALID_PARAMETERS = "Request has invalid parameters"


def error(code: str, message: str) -> CommonServiceException:
    """Make the error of a code, such as ``InvalidImageFormatException``, to be raised."""
    return CommonServiceException(code, message, 400, sender_fault=True)


def invalid_parameters(reason: str = "") -> CommonServiceException:
    """Make the error that AWS gives no reason for; here it has one, if there is more to say."""
    return error(
        "InvalidParameterException",
        f"{INVALID_PARAMETERS}: {reason}" if reason else INVALID_PARAMETERS,
    )


def not_emulated(what: str) -> CommonServiceException:
    """Make the error of a request for what AWS does and the emulator does not."""
    return error("InvalidParameterException", f"The emulator's Rekognition does not know {what}.")


def missing_extra(extra: str) -> CommonServiceException:
    """Make the error of an installation without the networks. It is no use to try again."""
    return CommonServiceException(
        "NotImplementedException",
        "The emulator's Rekognition needs packages that are not installed:"
        f" pip install 'darkroom-emulator[{extra}]'",
        501,
    )
