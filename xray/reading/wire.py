"""How a picture crosses from the decoding process: plain numbers and JSON.

Nothing that comes back is run or unpickled: whatever a decoder sends, the app's process
gets numbers and text, or an error.
"""

import io
import json
import struct
from dataclasses import asdict
from typing import Any

import numpy as np

from ..errors import ImageError, UnsupportedImageError
from ..header.claim import HeaderClaim
from ..header.laterality import LateralityClaim
from ..header.projection import ProjectionClaim
from .radiograph import Decoded, Facts, Notice, Samples

REQUEST = struct.Struct("<Q")  # bytes of the file
# Bytes of the JSON head, bytes of the samples, whether the process should be
# replaced because it has grown.
REPLY = struct.Struct("<II?")
READY = b"ready"
MOST_HEAD_BYTES = 1 << 20


def pack(decoded: Decoded) -> tuple[bytes, memoryview]:
    """Split a decoded picture into a JSON head and its samples."""
    samples = np.ascontiguousarray(decoded.samples)
    head = {
        "shape": samples.shape,
        "bits": 8 * samples.dtype.itemsize,
        "facts": asdict(decoded.facts),
        "claim": decoded.claim and asdict(decoded.claim),
        "notices": [asdict(notice) for notice in decoded.notices],
    }
    # Sets, which claims hold, are written as lists.
    return json.dumps(head, default=sorted).encode(), samples.data.cast("B")


def pack_error(error: ImageError) -> bytes:
    """Turn an error into a JSON head."""
    head = {
        "error": error.key,
        "values": error.values,
        "unsupported": isinstance(error, UnsupportedImageError),
    }
    return json.dumps(head).encode()


def unpack(head: bytes | bytearray, samples: bytearray) -> Decoded:
    """Put a decoded picture together again.

    Raises:
        ImageError: The head is an error.
        ValueError, KeyError, TypeError: The process sent nonsense.
    """
    fields = json.loads(head)
    if "error" in fields:
        kind = UnsupportedImageError if fields["unsupported"] else ImageError
        raise kind(fields["error"], **fields["values"])
    flat: Samples
    if fields["bits"] == 8:
        flat = np.frombuffer(samples, np.uint8)
    else:
        flat = np.frombuffer(samples, np.uint16)
    height, width = fields["shape"]
    return Decoded(
        flat.reshape(height, width),
        Facts(**fields["facts"]),
        _claim_from_json(fields["claim"]),
        tuple(Notice(**notice) for notice in fields["notices"]),
    )


def read_exactly(pipe: io.FileIO, count: int) -> bytearray:
    """Read `count` bytes from a pipe.

    Raises:
        EOFError: The pipe ends before.
    """
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        read = pipe.readinto(view)
        if not read:
            raise EOFError("expected more from the pipe, the other side is gone")
        view = view[read:]
    return buffer


def write_all(pipe: io.FileIO, data: bytes | memoryview) -> None:
    """Write bytes to a pipe, however many it takes at a time."""
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]


def _claim_from_json(fields: dict[str, Any] | None) -> HeaderClaim | None:
    if fields is None:
        return None
    values = _with_sets(fields)
    values["projection"] = ProjectionClaim(**_with_sets(values["projection"]))
    values["laterality"] = LateralityClaim(**values["laterality"])
    return HeaderClaim(**values)


def _with_sets(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: frozenset(value) if isinstance(value, list) else value
        for key, value in fields.items()
    }
