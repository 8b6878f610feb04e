"""Streamlit that writes down what each run of the page's script costs.

For `tests.redraw`: `python -m tests.timed_streamlit run app.py`, with the file to
write to in the environment. A line a run: messages, processor time, wall time.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.web.cli import main

LOG = "XRAY_TIMES"  # name of the environment variable

_run_script = ScriptRunner._run_script
_messages: list[None] = []


def _timed(runner: ScriptRunner, *arguments: Any) -> None:
    _messages.clear()
    wall, busy, all_busy = time.perf_counter(), time.thread_time(), time.process_time()
    _run_script(runner, *arguments)
    cost = {
        "messages": len(_messages),
        "script_ms": 1000 * (time.thread_time() - busy),
        "server_ms": 1000 * (time.process_time() - all_busy),
        "wall_ms": 1000 * (time.perf_counter() - wall),
    }
    with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
        log.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    ForwardMsgQueue.on_before_enqueue_msg(lambda _: _messages.append(None))
    ScriptRunner._run_script = _timed  # type: ignore[assignment,method-assign]
    main()
