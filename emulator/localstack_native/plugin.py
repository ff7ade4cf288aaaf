"""The hooks of LocalStack's runtime that start the enabled features."""

import importlib
import logging
import os
from importlib.metadata import version

from localstack.runtime import hooks
from localstack.runtime.exceptions import LocalstackExit

from localstack_native import features, patches, settings
from localstack_native.features import FEATURES, FeatureError
from localstack_native.patches import PatchError

LOG = logging.getLogger(__name__)


def is_enabled() -> bool:
    """Return whether any feature may be enabled."""
    try:
        return bool(features.enabled())
    except FeatureError:
        return True  # ``start`` reports it


# After LocalStack's own hooks: a handler that is inserted last runs first.
@hooks.on_infra_start(should_load=is_enabled, priority=-100)
def start() -> None:
    """Register the patches of the enabled features, and start the features."""
    from localstack_native import endpoints

    try:
        settings.check(os.environ)
        enabled = features.enabled()
        patches.register(enabled)
    except (FeatureError, PatchError, settings.SettingError) as error:
        LOG.error("%s", error)  # noqa: TRY400 (the message is complete)
        raise LocalstackExit(str(error), code=1) from error
    LOG.info(
        "localstack-native %s on LocalStack %s: %s",
        version("localstack-extension-native"), version("localstack-core"), ", ".join(enabled),
    )  # fmt: skip
    endpoints.serve()
    for name in enabled:
        if function := FEATURES[name].start:
            module, _, attribute = function.partition(":")
            getattr(importlib.import_module(module), attribute)()


# Before the init scripts that LocalStack runs when it is ready.
@hooks.on_infra_ready(should_load=is_enabled, priority=100)
def restore_state() -> None:
    """Restore the last snapshot."""
    from localstack_native.state import plugin

    plugin.restore()


def is_rekognition_enabled() -> bool:
    """Return whether Rekognition is enabled."""
    try:
        return features.is_enabled("rekognition")
    except FeatureError:
        return False


@hooks.on_infra_ready(should_load=is_rekognition_enabled, priority=-100)
def load_networks() -> None:
    """Load Rekognition's networks in the background."""
    from localstack_native.rekognition import preload

    preload.start()


# The first hook: the last snapshot is taken while a network finishes loading.
@hooks.on_infra_shutdown(should_load=is_rekognition_enabled, priority=2000)
def stop_loading_networks() -> None:
    """Load no further network."""
    from localstack_native.rekognition import preload

    preload.stop()


# Before services stop, because some then lose their state.
@hooks.on_infra_shutdown(should_load=is_enabled, priority=1000)
def save_state() -> None:
    """Take the last snapshot."""
    from localstack_native.state import plugin

    plugin.save()
