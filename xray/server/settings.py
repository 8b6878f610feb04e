"""How a server is run: what it keeps where, whom it answers, how much it takes."""

from dataclasses import dataclass
from pathlib import Path

from ..limits import LIMITS
from .tokens import Tokens


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `xray serve` can be told, and the caps of one server."""

    spool: Path | None = None  # where jobs and stored instances wait; None: no such
    tokens: Tokens | None = None  # None: whoever reaches the server may ask
    origins: tuple[str, ...] = ()  # pages of other servers that may ask
    hosts: tuple[str, ...] = ()  # names the server goes by; none: any
    places: int = 32  # requests with a body at a time, read or in work
    body_bytes: int = LIMITS.file_bytes  # of one request that is answered at once
    held_bytes: int = 1 << 30  # of all such requests together
    request_files: int = 100  # of one such request
    stored_bytes: int = LIMITS.upload_bytes  # of one job, or one STOW request
    stored_files: int = LIMITS.upload_files
    waiting_files: int = 100_000  # of all jobs, above which no further one is taken
    body_seconds: float = 60.0  # until the body of a request is there
    stored_seconds: float = 600.0  # until that of a job or STOW request is there
    work_seconds: float = 120.0  # until it is answered
    drain_seconds: float = 30.0  # after SIGTERM, for what has begun
