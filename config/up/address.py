"""The address of the web server: is it free, and does Kith answer there."""

import contextlib
import errno
import http.client
import socket
from dataclasses import dataclass

from config.embedded import EmbeddedError

WILDCARDS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def reachable_host(self) -> str:
        """Where this machine reaches it: a wildcard is no destination."""
        return WILDCARDS.get(self.host, self.host)

    @property
    def url(self) -> str:
        host = f"[{self.reachable_host}]" if ":" in self.reachable_host else self.reachable_host
        return f"http://{host}:{self.port}/"

    def require_free(self) -> None:
        """Raises EmbeddedError when the web server could not listen there."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
                probe.listen(1)
            except OSError as error:
                raise EmbeddedError(self._refusal(error)) from error

    def _refusal(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {self.port} on {self.host} is taken by another program.\n"
                f"Stop that one, or choose another port: `--port {self.port + 1}` (`make up PORT={self.port + 1}`)."
            )
        return (
            f"Kith can't listen on {self.host}, port {self.port}: {error.strerror}.\n"
            "Choose another one with `--port` (above 1023 unless you are root) or `--host`."
        )

    def is_healthy(self, host_header: str) -> bool:
        """Whether /healthz answers 200."""
        connection = http.client.HTTPConnection(self.reachable_host, self.port, timeout=5)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/healthz", headers={"Host": host_header})
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False
