"""Uploads and zips: what comes out, what is refused, and what is counted."""

import io
import struct
import zipfile
from collections.abc import Iterator

import pytest

from tests.dicom_files import make_dicom, phantom
from tests.hostile_files import make_zip
from xray.errors import ImageError
from xray.reading.archive import File, display_name, expand_all
from xray.reading.zips import is_zip

_FILM = make_dicom(phantom())


def expand(name: str, data: bytes) -> Iterator[File]:
    return expand_all([(name, data)])


def _said(name: str, data: bytes) -> dict[str, str]:
    """Each file's name, with "ok" or the key of its error."""
    return {
        shown: content.key if isinstance(content, ImageError) else "ok"
        for shown, content in expand(name, data)
    }


def test_file_that_is_no_zip_passes_unchanged() -> None:
    assert list(expand("film.zip", _FILM)) == [("film.zip", _FILM)]


def test_zip_is_known_by_content_and_gives_its_members() -> None:
    packed = make_zip({"a/one.dcm": _FILM, "a/b/two.dcm": _FILM + b"\0"})
    assert is_zip(packed)
    assert list(expand("films.dcm", packed)) == [
        ("films.dcm / one.dcm", _FILM),
        ("films.dcm / two.dcm", _FILM + b"\0"),
    ]


def test_folders_and_system_files_are_passed_over() -> None:
    packed = make_zip(
        {
            "a/": b"",
            "__MACOSX/a/._one.dcm": b"x",
            ".DS_Store": b"x",
            "a/Thumbs.db": b"x",
            "a/one.dcm": _FILM,
        }
    )
    assert _said("z", packed) == {"z / one.dcm": "ok"}


def test_member_without_a_name_costs_only_itself() -> None:
    # Found by coverage-guided fuzzing: zipfile's is_dir() fails over it.
    packed = bytearray(make_zip({"x": _FILM, "one.dcm": _FILM}))
    for at in (packed.find(b"PK\x03\x04") + 26, packed.find(b"PK\x01\x02") + 28):
        packed[at : at + 4] = struct.pack("<HH", 0, 1)  # the name as an extra field
    assert _said("z", bytes(packed)) == {"z / ?": "ok", "z / one.dcm": "ok"}


@pytest.mark.parametrize("members", [{}, {"a/": b""}, {"__MACOSX/x": b"x"}])
def test_zip_without_files_is_told(members: dict[str, bytes]) -> None:
    assert _said("z", make_zip(members)) == {"z": "empty_zip"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\film.dcm", "film.dcm"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("line\nbreak\x00\x1b[31m", "linebreak[31m"),
        ("..", ".."),
        ("", "?"),
        ("x" * 500, "x" * 120),
    ],
)
def test_names_are_labels_without_folders_or_controls(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_slipping_member_stays_in_memory(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    packed = make_zip({"../../slip.dcm": _FILM, "/root.dcm": _FILM})
    assert _said("z", packed) == {"z / slip.dcm": "ok", "z / root.dcm": "ok"}
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent.parent / "slip.dcm").exists()


def test_nested_zip_is_refused_alone() -> None:
    packed = make_zip({"in.dcm": make_zip({"x": _FILM}), "one.dcm": _FILM})
    assert _said("z", packed) == {"z / in.dcm": "nested_zip", "z / one.dcm": "ok"}


def test_member_that_grows_too_much_is_refused_alone() -> None:
    packed = make_zip({"bomb": bytes(50 << 20), "one.dcm": _FILM})
    assert _said("z", packed) == {"z / bomb": "zip_ratio", "z / one.dcm": "ok"}


def test_lie_about_size_or_checksum_is_found_out() -> None:
    packed = bytearray(make_zip({"one.dcm": _FILM, "two.dcm": _FILM}))
    at = packed.find(b"PK\x01\x02")
    packed[at + 24 : at + 28] = struct.pack("<I", 10)  # smaller than it is
    said = _said("z", bytes(packed))
    assert said == {"z / one.dcm": "damaged", "z / two.dcm": "ok"}


def test_damaged_member_costs_only_itself() -> None:
    packed = bytearray(make_zip({"one.dcm": _FILM, "two.dcm": _FILM}))
    start = packed.find(b"one.dcm") + len(b"one.dcm")
    packed[start + 20 : start + 40] = b"\xff" * 20
    said = _said("z", bytes(packed))
    assert said == {"z / one.dcm": "damaged", "z / two.dcm": "ok"}


def test_encrypted_member_is_named() -> None:
    packed = bytearray(make_zip({"one.dcm": _FILM}))
    packed[packed.find(b"PK\x01\x02") + 8] |= 1
    assert _said("z", bytes(packed)) == {"z / one.dcm": "zip_unreadable"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(method: int) -> None:
    packed = make_zip({"one.dcm": _FILM}, method)
    assert _said("z", packed) == {"z / one.dcm": "zip_unreadable"}


@pytest.mark.parametrize("keep", [4, 30, 0.5, 0.99])
def test_cut_zip_is_damaged(keep: float) -> None:
    packed = make_zip({"one.dcm": _FILM})
    cut = packed[: int(keep if keep > 1 else len(packed) * keep)]
    assert _said("z", cut) == {"z": "damaged"}


def test_zip_of_too_many_entries_is_refused_before_it_is_parsed(limits) -> None:
    limits(zip_members=10)
    packed = make_zip({f"{index}/": b"" for index in range(11)})
    assert _said("z", packed) == {"z": "too_many_members"}


def test_entries_that_share_their_bytes_are_counted(limits) -> None:
    # Fifield's bomb: many directory entries point at one member.
    limits(upload_bytes=40 << 20, zip_ratio=2000)
    packed = make_zip({"a": bytes(16 << 20)})
    at, end = packed.find(b"PK\x01\x02"), packed.find(b"PK\x05\x06")
    entry = packed[at:end]
    tail = bytearray(packed[end:])
    tail[8:12] = struct.pack("<HH", 9, 9)
    tail[12:16] = struct.pack("<I", 9 * len(entry))
    said = [
        content.key if isinstance(content, ImageError) else "ok"
        for _, content in expand("z", packed[:at] + entry * 9 + bytes(tail))
    ]
    assert said[-1] in ("upload_too_large", "damaged")
    assert said.count("ok") <= 2


def test_upload_of_too_many_files_ends_with_one_line(limits) -> None:
    limits(upload_files=3)
    packed = make_zip({"a": _FILM, "b": _FILM})
    uploads = [("one", _FILM), ("z", packed), ("two", _FILM), ("three", _FILM)]
    found = list(expand_all(uploads))
    assert [name for name, _ in found] == ["one", "z / a", "z / b", "two"]
    assert isinstance(found[-1][1], ImageError)
    assert found[-1][1].key == "too_many_files"


def test_upload_of_too_many_bytes_ends_with_one_line(limits) -> None:
    limits(upload_bytes=3 * len(_FILM))
    found = list(expand_all([("a", _FILM)] * 9))
    assert len(found) == 4
    assert isinstance(found[-1][1], ImageError)
    assert found[-1][1].key == "upload_too_large"


def test_members_are_unpacked_one_at_a_time() -> None:
    packed = make_zip({"a": _FILM, "b": b""})
    files = expand("z", packed)
    assert next(files)[0] == "z / a"
    del files


def test_member_over_the_file_limit_is_refused(limits) -> None:
    limits(file_bytes=1000)
    assert _said("z", make_zip({"a": _FILM})) == {"z / a": "file_too_large"}


def test_zip_behind_other_bytes_is_no_zip() -> None:
    polyglot = _FILM + make_zip({"x": b"y"})
    assert list(expand("f", polyglot)) == [("f", polyglot)]


def test_zip64_directory_is_read() -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w") as packed,
        packed.open("one.dcm", "w", force_zip64=True) as member,
    ):
        member.write(_FILM)
    assert _said("z", file.getvalue()) == {"z / one.dcm": "ok"}
