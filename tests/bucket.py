"""A bucket for tests, on a real server that speaks S3, in a process of its own.

`python -m tests.bucket` serves on a free port of this machine, which it prints, until its input ends: as it does when
the test ends, or is killed itself.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3

KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "nothing secret"}


@dataclass(frozen=True)
class Bucket:
    """What is stored, as its owner sees it."""

    endpoint: str
    name: str

    @classmethod
    def made(cls, endpoint: str) -> "Bucket":
        bucket = cls(endpoint, f"kith-{uuid4().hex}")
        bucket.client.create_bucket(Bucket=bucket.name)
        return bucket

    @property
    def client(self) -> Any:
        keys = {name.lower(): value for name, value in KEYS.items()}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **keys)

    @property
    def environment(self) -> dict[str, str]:
        """What makes Kith keep its files here."""
        return KEYS | {"KITH_S3_BUCKET": self.name, "KITH_S3_ENDPOINT": self.endpoint}

    def names(self) -> list[str]:
        listed = self.client.list_objects_v2(Bucket=self.name)
        return [each["Key"] for each in listed.get("Contents", [])]

    def content(self, key: str) -> bytes:
        return bytes(self.client.get_object(Bucket=self.name, Key=key)["Body"].read())


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a server that ends with the block."""
    command = [sys.executable, "-m", "tests.bucket"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def main() -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)  # noqa: T201
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
