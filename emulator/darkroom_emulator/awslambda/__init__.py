"""AWS Lambda without containers: functions run as child processes behind a Lambda Runtime API."""
