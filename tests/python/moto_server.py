#!/usr/bin/env python
"""A signed S3 API (moto) on a free port, with one empty bucket `results`: prints its URL, and ends when its input does."""

import sys

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
client = boto3.client(
    "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
)
client.create_bucket(Bucket="results")
print(url, flush=True)
for line in sys.stdin:
    key = line.strip()
    if key:
        listed = client.list_objects_v2(Bucket="results", Prefix=key).get("Contents", [])
        print(" ".join(f"{one['Key']}:{one['Size']}" for one in listed), flush=True)
server.stop()
