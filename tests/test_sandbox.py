"""The decoding process: its limits, its death, and who survives it."""

import io
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1

from tests.dicom_files import make_dicom, phantom
from tests.hostile_files import make_png
from xray.errors import ImageError, UnsupportedImageError
from xray.limits import LIMITS
from xray.reading.decoding import decode
from xray.reading.radiograph import Decoded
from xray.reading.sandbox import (
    Decoder,
    close_decoders,
    decode_in_process,
    waiting_processes,
)
from xray.reading.wire import READY, REPLY, REQUEST, pack, read_exactly, unpack
from xray.reading.worker import serve
from xray.threads import count_cores

_FILE = make_dicom(phantom(), Modality="CT", BodyPartExamined="HAND")
_BIG = make_png(9000, 9000, (b"\0" + bytes(1125)) * 9000, depth=1)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    process = Decoder()
    process.decode(_FILE)
    yield process
    process.close()


def test_picture_crosses_unchanged() -> None:
    here, there = decode(_FILE), decode_in_process(_FILE)
    np.testing.assert_array_equal(there.samples, here.samples)
    assert (there.facts, there.claim, there.notices) == (
        here.facts,
        here.claim,
        here.notices,
    )


def test_error_crosses_unchanged() -> None:
    for data in (b"GIF89a", make_dicom(phantom(), PixelData=None), _FILE[:2000]):
        with pytest.raises(ImageError) as here:
            decode(data)
        with pytest.raises(ImageError) as there:
            decode_in_process(data)
        assert type(there.value) is type(here.value)
        assert str(there.value) == str(here.value)
        assert there.value.text("es") == here.value.text("es")


def test_kind_of_error_is_kept() -> None:
    with pytest.raises(UnsupportedImageError):
        decode_in_process(b"%PDF-1.7")


def test_one_process_serves_many_files(decoder: Decoder) -> None:
    pid = decoder.pid
    for _ in range(5):
        decoder.decode(_FILE)
    assert decoder.pid == pid
    assert decoder.is_fit


def await_end(pid: int) -> None:
    """Wait until a process has ended, and leave it to its parent to take note."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_process_that_hangs_is_ended(decoder: Decoder, limits) -> None:
    limits(decode_seconds=0.2)
    os.kill(decoder.pid, signal.SIGSTOP)
    start = time.monotonic()
    with pytest.raises(ImageError, match=r"0\.2 seconds"):
        decoder.decode(_FILE)
    assert time.monotonic() - start < 5
    await_end(decoder.pid)
    assert not decoder.is_fit


def test_process_that_dies_halfway_is_an_error_of_that_file(decoder: Decoder) -> None:
    os.kill(decoder.pid, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (decoder.pid, signal.SIGKILL)).start()
    with pytest.raises(ImageError) as caught:
        decoder.decode(_FILE)
    assert caught.value.key == "decoder_died"


def test_process_that_died_waiting_costs_no_file() -> None:
    close_decoders()
    decode_in_process(_FILE)
    (waiting,) = waiting_processes()
    os.kill(waiting, signal.SIGKILL)
    await_end(waiting)
    np.testing.assert_array_equal(
        decode_in_process(_FILE).samples, decode(_FILE).samples
    )


def test_process_that_needs_too_much_memory_is_replaced(limits) -> None:
    close_decoders()
    limits(decode_bytes=650 * 2**20)
    with pytest.raises(ImageError, match="memory"):
        decode_in_process(_BIG)
    assert not waiting_processes()
    assert decode_in_process(_FILE).facts.width == 40
    close_decoders()


def test_process_that_has_grown_is_replaced(limits) -> None:
    close_decoders()
    limits(decode_kept_bytes=1)
    assert decode_in_process(_FILE).facts.width == 40
    assert not waiting_processes()


def test_process_writes_no_file_and_dumps_no_core(decoder: Decoder) -> None:
    assert resource.prlimit(decoder.pid, resource.RLIMIT_FSIZE) == (0, 0)
    assert resource.prlimit(decoder.pid, resource.RLIMIT_CORE) == (0, 0)
    assert resource.prlimit(decoder.pid, resource.RLIMIT_AS)[1] == LIMITS.decode_bytes


def test_many_threads_share_the_processes() -> None:
    files = [make_dicom(np.roll(phantom(), turn, axis=0)) for turn in range(24)]
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(decode_in_process, files))
    for data, answer in zip(files, answers, strict=True):
        np.testing.assert_array_equal(answer.samples, decode(data).samples)
    assert 1 <= len(waiting_processes()) <= count_cores()


def test_bad_files_between_good_ones_cost_only_themselves() -> None:
    packed = make_dicom(phantom(), JPEG2000Lossless)
    files = [packed, packed[:-300], _FILE, b"\xff\xd8\xff", packed]
    outcomes = []
    for data in files:
        try:
            outcomes.append(decode_in_process(data).facts.kind)
        except ImageError as error:
            outcomes.append(error.key)
    assert outcomes[0] == outcomes[2] == outcomes[4] == "DICOM"
    assert outcomes[3] == "damaged"


@pytest.mark.parametrize(
    "head",
    [b"", b"[]", b"null", b"{}", b'{"bits": 8, "shape": [9, 9]}', b"\xff", b"[" * 9999],
)
def test_nonsense_from_the_process_raises_what_the_sandbox_expects(head: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, RecursionError)):
        unpack(head, bytearray(3))


def test_mistake_of_ours_is_told_as_ours_and_costs_no_process() -> None:
    def mistaken(data: bytes) -> Decoded:
        return [][len(data)]

    (asked, requests), (replies, answers) = os.pipe(), os.pipe()
    for _ in range(2):
        os.write(requests, REQUEST.pack(3) + b"any")
    os.close(requests)
    with io.FileIO(asked) as read, io.FileIO(answers, "w") as write:
        serve(mistaken, read, write, kept=1 << 40)
    with io.FileIO(replies) as told:
        assert read_exactly(told, len(READY)) == READY
        for _ in range(2):
            length, _, _ = REPLY.unpack(read_exactly(told, REPLY.size))
            with pytest.raises(ImageError) as caught:
                unpack(read_exactly(told, length), bytearray())
            assert caught.value.key == "program_error"
            assert caught.value.values == {"kind": "IndexError"}


def test_head_is_plain_json() -> None:
    head, samples = pack(decode(_FILE))
    assert head.startswith(b"{")
    assert len(samples) == 2 * 48 * 40


def test_working_directory_cannot_shadow_a_module(tmp_path: Path) -> None:
    # python-gdcm breaks pydicom where a folder is called dl; so would a json.py.
    (tmp_path / "dl").mkdir()
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    (tmp_path / "film.dcm").write_bytes(_FILE)
    code = (
        f"import sys; sys.path.insert(0, {str(Path.cwd())!r})\n"
        "from pathlib import Path\n"
        "from xray.reading.sandbox import decode_in_process\n"
        "print(decode_in_process(Path('film.dcm').read_bytes()).samples.shape)\n"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "(48, 40)\n"
    assert run.stderr == ""


def test_decoder_imports_only_what_decoding_takes() -> None:
    unused = ("gdcm", "requests", "tqdm", "streamlit", "pandas", "openvino")
    code = (
        "import sys\n"
        "from xray.reading.worker import import_decode\n"
        "decode = import_decode()\n"
        f"decode(bytes.fromhex({_FILE.hex()!r}))\n"
        f"print(*(each for each in {unused!r} if each in sys.modules))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout == "\n"


def test_decoder_brings_gdcm_for_a_stream_that_needs_it() -> None:
    film = make_dicom(phantom(), JPEGLosslessSV1)
    np.testing.assert_array_equal(decode_in_process(film).samples, decode(film).samples)


def test_processes_end_with_the_app() -> None:
    code = (
        "from xray.reading.sandbox import decode_in_process, waiting_processes\n"
        "from tests.dicom_files import make_dicom, phantom\n"
        "decode_in_process(make_dicom(phantom()))\n"
        "print(*waiting_processes())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int(run.stdout), 0)


def test_fork_leaves_the_processes_to_the_parent() -> None:
    decode_in_process(_FILE)
    code = (
        "import os\n"
        "from xray.reading.sandbox import decode_in_process, waiting_processes\n"
        "from tests.dicom_files import make_dicom, phantom\n"
        "data = make_dicom(phantom())\n"
        "decode_in_process(data)\n"
        "child = os.fork()\n"
        "assert len(waiting_processes()) == (1 if child else 0)\n"
        "decode_in_process(data)\n"
        "if child:\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces")
def test_decoder_has_no_network_where_the_system_takes_it(decoder) -> None:
    allowed = subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0
    ours, theirs = (
        Path(f"/proc/{pid}/ns/net").readlink() for pid in ("self", decoder.pid)
    )
    assert (ours != theirs) is allowed


def test_every_core_can_have_a_decoder() -> None:
    cores = count_cores() + 3
    code = (
        "import os; os.sched_getaffinity = lambda _: range({n}); "
        "from xray.reading import sandbox; print(sandbox._slots._value)"
    )
    command = [sys.executable, "-c", code.format(n=cores)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(found.stdout) == cores
