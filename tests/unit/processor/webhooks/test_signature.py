"""Signatures of webhooks."""

import pytest

from processor.webhooks.signature import headers, is_valid, new_secret

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of Standard Webhooks' specification has this signature."""
    assert headers(SECRET, ID, 1614265330, BODY) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    ("event", "timestamp", "body", "is_right"),
    [
        (ID, 5, BODY, True),
        ("other", 5, BODY, False),
        (ID, 6, BODY, False),
        (ID, 5, BODY + b" ", False),
    ],
)
def test_a_change_is_noticed(event: str, timestamp: int, body: bytes, *, is_right: bool) -> None:
    """The signature covers the ID, the time and the body; one of several is enough."""
    signature = headers(SECRET, ID, 5, BODY)["webhook-signature"]
    assert is_valid(SECRET, event, timestamp, body, f"v1,other {signature}") == is_right
    assert not is_valid(new_secret(), ID, 5, BODY, signature)
