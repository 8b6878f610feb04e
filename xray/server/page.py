"""A page to try the server with: one file, no script from anywhere else."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> HTMLResponse:
    """Show the page; the browser may run its own script and ask this server only."""
    text, policy = _page()
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


@lru_cache(maxsize=1)
def _page() -> tuple[str, str]:
    text = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    policy = (
        "default-src 'none'; connect-src 'self'; img-src blob:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; "
        f"style-src {_hash_of(text, 'style')}; script-src {_hash_of(text, 'script')}"
    )
    return text, policy


def _hash_of(text: str, element: str) -> str:
    found = re.search(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
    assert found is not None
    digest = hashlib.sha256(found[1].encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
