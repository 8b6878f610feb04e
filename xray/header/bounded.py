"""Streams to read a header from that end, whatever the header promises.

pydicom parses sequences of undefined length even where they are skipped, and
those of defined length when they are looked at: a few megabytes of empty items
would keep it busy for minutes.
"""

import io
import os
from pathlib import Path

from ..limits import LIMITS


class Budget:
    """How many pieces of one header may still be read: a tag, a value, an item."""

    def __init__(self) -> None:
        self._left = 2 * LIMITS.header_elements  # a tag and a value each

    @property
    def is_spent(self) -> bool:
        """Whether more was asked for than there was."""
        return self._left < 0

    def spend(self, pieces: int = 1) -> None:
        """Count pieces that are about to be read.

        Raises:
            OSError: There are no more, as where a file ends; pydicom passes it on.
        """
        self._left -= pieces
        if self._left < 0:
            raise OSError("expected a header that ends")


class HeaderBytes(io.BytesIO):
    """Bytes in memory, to read a header of bounded length from."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        super().__init__(data)
        self._budget = budget

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on, at the cost of one piece."""
        self._budget.spend()
        return super().read(size)


class HeaderFile(io.FileIO):
    """A file on disk, to read a header of bounded length from."""

    def __init__(self, path: Path, budget: Budget) -> None:
        super().__init__(path)
        self._budget = budget
        self._size = min(os.fstat(self.fileno()).st_size, LIMITS.file_bytes)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on, at the cost of one piece."""
        self._budget.spend()
        rest = max(0, self._size - self.tell())
        # Bytes that are asked for are set aside, also where the file has fewer.
        return (
            super().read(rest if size is None or size < 0 else min(size, rest)) or b""
        )
