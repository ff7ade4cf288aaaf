#!/bin/sh
# LocalStack runs this once it is ready (/etc/localstack/init/ready.d): deploys the pipeline into it.
# PYTHON names an interpreter that has the dependencies, where python3 has not; PROJECT the checkout,
# where this file is not in it.
set -eu
export AWS_ENDPOINT_URL="http://127.0.0.1:${GATEWAY_LISTEN##*:}"
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
cd "${PROJECT:-$(dirname "$(readlink -f "$0")")/../..}"
exec "${PYTHON:-python3}" -m localstack_init
