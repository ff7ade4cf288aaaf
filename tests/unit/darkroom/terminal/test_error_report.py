"""What a command says about an error of botocore."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from darkroom.terminal.error_report import reported_errors


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        NoRegionError(),
        ProfileNotFound(profile="company"),
        SSOTokenLoadError(error_msg="Token does not exist"),
        UnauthorizedSSOTokenError(),
        TokenRetrievalError(provider="sso", error_msg="Token has expired"),
    ],
)
def test_a_shell_that_is_not_signed_in(
    error: BotoCoreError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says that the command calls AWS, and how to call the emulator or to sign in."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(SystemExit), reported_errors():
        raise error
    said = capsys.readouterr().err
    assert "so the command calls AWS. For the emulator: `source .darkroom/emulator.env`" in said
    assert "`aws sso login" in said
