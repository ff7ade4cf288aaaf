"""Deploy to the emulator that AWS_ENDPOINT_URL names: what the LocalStack ready hook runs."""

from localstack_init.deploy import Deployment, deploy


def say(line: str) -> None:
    """Write a line to LocalStack's log, at once."""
    print(line, flush=True)  # noqa: T201


for name, value in deploy(Deployment.to_emulator(), say).items():
    say(f"{name:<20} {value}")
