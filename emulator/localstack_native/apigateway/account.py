"""API Gateway's settings of an account: a new one has no role for logs.

https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html
"""

from typing import Any

INVENTED = ":role/api-gw-cw-role"
"""The end of the role's ARN that LocalStack returns for every account."""


def describe_account(describe: Any, data: Any) -> Any:
    """Return the response of GetAccount and UpdateAccount, with a role only if one was set."""
    account = describe(data)
    role = account.get("cloudwatchRoleArn")
    if not role or role.endswith(INVENTED):
        account.pop("cloudwatchRoleArn", None)
    return account
