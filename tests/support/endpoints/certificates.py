"""Certificates for tests, made on the spot with the ``openssl`` program."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key."""

    pem: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """Context of a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem, self.key)
        return context

    def client(self) -> ssl.SSLContext:
        """Context of a client that trusts it, and verifies the name."""
        return ssl.create_default_context(cafile=str(self.pem))


def make_certificate(folder: Path, name: str) -> Certificate:
    """Make a certificate for one host.

    Args:
        folder: where its files go.
        name: a subject alternative name, such as ``IP:127.0.0.1`` or ``DNS:other.example``.
    """
    pem, key = folder / "certificate.pem", folder / "key.pem"
    make = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2"
    given = ["-subj", "/CN=test", "-addext", f"subjectAltName={name}"]
    files = ["-keyout", str(key), "-out", str(pem)]
    subprocess.run([*make.split(), *given, *files], check=True, capture_output=True)
    return Certificate(pem, key)
