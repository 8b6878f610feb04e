"""Tokens: the secrets that other programs show, and the file that knows them.

The file of `--token-file` holds one a line, as it is or as `sha256:<hex>`, so that who
reads the file can't ask.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from hmac import compare_digest
from pathlib import Path

from ..errors import XrayError
from ..reading.files import read_file

_HASHED = re.compile(r"sha256:([0-9a-f]{64})", re.IGNORECASE)
# As it is: what may be sent behind "Bearer" (RFC 6750), or nobody could show it.
_PLAIN = re.compile(r"[A-Za-z0-9._~+/-]{16,}=*")


class Tokens:
    """The tokens that are known, as hashes."""

    def __init__(self, hashes: Iterable[bytes]) -> None:
        self._hashes = tuple(hashes)

    @classmethod
    def read(cls, path: Path) -> "Tokens":
        """Read a file of tokens; empty lines and those after "#" don't count.

        Raises:
            XrayError: The file can't be read, or a line is no token.
        """
        # What an editor puts first (BOM) is no part of a token.
        lines = read_file(path).decode("utf-8-sig", "replace").splitlines()
        words = [line.strip() for line in lines]
        hashes = [_hash_of(word) for word in words if word and word[0] != "#"]
        if not hashes:
            raise XrayError(
                f"Expected a token a line in {path}, received none. "
                "Make one: xray serve --new-token"
            )
        return cls(hashes)

    def find(self, token: str) -> str | None:
        """Give the name of a known token's owner, which says nothing of the token.

        Every known token is compared, in constant time.
        """
        given = hashlib.sha256(token.encode()).digest()
        known = [compare_digest(given, each) for each in self._hashes]
        return hashlib.sha256(given).hexdigest()[:16] if any(known) else None


def new_token() -> tuple[str, str]:
    """Make a token of 256 bits, and the line of it for a token file."""
    token = secrets.token_urlsafe(32)
    return token, f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"


def _hash_of(word: str) -> bytes:
    if hashed := _HASHED.fullmatch(word):
        return bytes.fromhex(hashed[1])
    if not _PLAIN.fullmatch(word):
        raise XrayError(
            "Expected tokens of at least 16 characters of A-Z a-z 0-9 - . _ ~ + /, or "
            "sha256: and 64 hexadecimal digits, received another line. Make one: "
            "xray serve --new-token"
        )
    return hashlib.sha256(word.encode()).digest()
