"""SQS: redrives that reset messages, and the age metric of queues."""
