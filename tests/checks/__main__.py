"""Run every check; print the problems and exit with 1 if any is found."""

import sys

from . import (
    alarms,
    api_guide,
    catalog,
    cli,
    deploy_guide,
    environment,
    errors,
    events,
    fault_matrix,
    gallery,
    generated,
    layers,
    metrics_and_logs,
    pages,
    portability,
    prices,
    recipes,
    stack_reference,
    workflows,
)

CHECKS = (
    alarms,
    api_guide,
    catalog,
    cli,
    deploy_guide,
    environment,
    errors,
    events,
    fault_matrix,
    gallery,
    generated,
    layers,
    metrics_and_logs,
    pages,
    portability,
    prices,
    recipes,
    stack_reference,
    workflows,
)

if __name__ == "__main__":
    sys.exit("\n".join(problem for check in CHECKS for problem in check.problems()) or None)
