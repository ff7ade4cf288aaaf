#!/bin/sh
# LocalStack's ready hook (/etc/localstack/init/ready.d): deploys the pipeline into it.
# PYTHON: an interpreter with the dependencies, if python3 lacks them. PROJECT: the checkout, if this
# file is outside of it.
set -eu
export AWS_ENDPOINT_URL="http://127.0.0.1:${GATEWAY_LISTEN##*:}"
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
cd "${PROJECT:-$(dirname "$(readlink -f "$0")")/../..}"
exec "${PYTHON:-python3}" -m localstack_init
