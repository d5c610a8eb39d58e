import csv
import stat
from pathlib import Path

import pytest

from rickets_rx.io.atomic import AtomicFile, atomic_write


def write(path: Path, content: str) -> None:
    with atomic_write(path) as stream:
        stream.write(content)


def test_text_and_bytes_arrive_as_given(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "new" / "a.csv") as stream:
        stream.write("µg\r\n")
        stream.write(b"\x00\xff")
        csv.writer(stream, lineterminator="\n").writerow([1, "b,c"])
    assert (tmp_path / "new" / "a.csv").read_bytes() == "µg\r\n".encode() + b"\x00\xff" + b'1,"b,c"\n'


def test_a_failure_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write(path, "old")
    with pytest.raises(KeyboardInterrupt), atomic_write(path) as stream:
        stream.write("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_content_stands_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    write(path, "old")
    with atomic_write(path) as stream:
        stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_a_result_is_as_readable_as_any_file(tmp_path: Path) -> None:
    write(tmp_path / "a", "x")
    (tmp_path / "b").write_text("x")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"]
    assert modes[0] == modes[1]


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this machine")
    with pytest.raises(OSError), AtomicFile("/dev/full", "wb") as stream:
        stream.write("x" * 100_000)
