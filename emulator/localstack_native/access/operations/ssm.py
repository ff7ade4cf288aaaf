"""Operations of Systems Manager's Parameter Store.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
"""

from typing import Any

from localstack_native.access.operations.table import Place, Table, arn

_of_path = arn("ssm", "parameter/{}")


def _parameter(value: Any, place: Place) -> str:
    """Return the ARN of a parameter, whose name may begin with a slash and end with a version."""
    name = str(value)
    return name if name.startswith("arn:") else _of_path(name.lstrip("/").split(":")[0], place)


TABLE = Table(
    "ssm",
    resources={
        "GetParameter.Name": _parameter,
        "GetParameterHistory.Name": _parameter,
        "GetParameters.Names": _parameter,
        "GetParametersByPath.Path": _parameter,
        "PutParameter.Name": _parameter,
        "DeleteParameter.Name": _parameter,
        "DeleteParameters.Names": _parameter,
        "LabelParameterVersion.Name": _parameter,
        "UnlabelParameterVersion.Name": _parameter,
    },
    keys={"PutParameter.Overwrite": "ssm:Overwrite"},
)
