"""Certificates for loopback, by OpenSSL: an authority, and one that it made."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    authority: Path
    certificate: Path
    key: Path

    def tls(self, name: str) -> str:
        """Write a table of settings in which both ends show themselves."""
        return (
            f'[{name}.tls]\ncertificate = "{self.certificate}"\nkey = "{self.key}"\n'
            f'authorities = "{self.authority}"\n'
        )


def make_certificates(folder: Path) -> Certificates:
    folder.mkdir(parents=True, exist_ok=True)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    authority, own = folder / "authority.pem", folder / "authority-key.pem"
    _openssl("-x509", "-keyout", own, "-out", authority, "-subj", "/CN=authority")
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    _openssl(
        *("-x509", "-CA", authority, "-CAkey", own, "-subj", "/CN=localhost"),
        *("-keyout", key, "-out", certificate, "-addext", names),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
    )
    return Certificates(authority, certificate, key)


def _openssl(*words: object) -> None:
    always = ("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    subprocess.run(
        [*always, *map(str, words)], check=True, capture_output=True, text=True
    )
