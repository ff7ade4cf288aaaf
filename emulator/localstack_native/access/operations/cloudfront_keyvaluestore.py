"""Operations on the values of CloudFront's key value stores.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfrontkeyvaluestore.html
"""

from localstack_native.access.operations.table import Table, given

TABLE = Table("cloudfront-keyvaluestore", resources={"KvsARN": given})
