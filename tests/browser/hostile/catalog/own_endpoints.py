"""The emulator's own endpoints that change something: moderation overrides, and its end."""

import json

from tests.browser.hostile.attack import Aim, Attack
from tests.browser.hostile.effects import confidence, emulator_gone, moderation_overridden
from tests.browser.hostile.origins import FOREIGN, LOCALSTACK_APP, OTHER_PORT, REBOUND, SOME

SET_OVERRIDE = """
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 100;
  const body = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  await take(%s, { method: "PUT", body });
"""


def set_override(aim: Aim) -> str:
    """Return a script that sets a moderation override."""
    query = f"label=Explicit+Nudity&confidence={confidence(aim.mark)}"
    return SET_OVERRIDE % json.dumps(f"{aim.base}/_emulator/rekognition/moderation?{query}")


def kill(aim: Aim) -> str:
    """Return a script that asks LocalStack to end."""
    options = {"method": "POST", "body": json.dumps({"action": "kill"})}
    return f"await take({json.dumps(aim.base + '/_localstack/health')}, {json.dumps(options)});"


ATTACKS = (
    Attack(
        "set a moderation override", "fetch PUT to /_emulator/rekognition/moderation",
        set_override, moderation_overridden, (REBOUND, FOREIGN, OTHER_PORT, LOCALSTACK_APP),
    ),
    Attack(
        "kill", "fetch POST to /_localstack/health, action kill", kill, emulator_gone, SOME,
        ends=True,
    ),
)  # fmt: skip
