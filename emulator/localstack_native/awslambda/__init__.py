"""AWS Lambda without containers: functions run as child processes with a Lambda Runtime API."""
