#!/bin/sh
# This project's step in the build of the emulator's image (emulator/Dockerfile): the environment of
# the ready hook, and the layer that it deploys. The container then needs no network.
set -eu
for name in pyproject.toml uv.lock localstack_init/__init__.py localstack_init/build.py; do
  install -D "$name" "/opt/project/$name"
done
cd /opt/project
/opt/uv/bin/uv sync --quiet --frozen --no-cache --no-dev --extra deploy --no-install-project
.venv/bin/python -c 'from localstack_init.build import build_layer; build_layer("host")'
# Compose mounts the checkout's.
rm -r pyproject.toml uv.lock localstack_init
