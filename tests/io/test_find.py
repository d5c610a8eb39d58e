import os
import subprocess
import sys
from pathlib import Path

import pytest
from dicom_maker import dataset, ramp, raster_bytes, save

from rickets_rx.errors import InputError
from rickets_rx.io.magic import Kind, sniff
from rickets_rx.io.read import file_sha256, find_films, looks_like_image


def tree(root: Path) -> Path:
    png = raster_bytes(ramp(8), "PNG")
    for name in ("b/2.png", "b/10.png", "a/no_extension", ".hidden.png", ".git/x.png", "c/.DS_Store"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(png)
    save(dataset(ramp()), root / "IM0001")
    (root / "notes.txt").write_text("no film")
    (root / "fake.png").write_text("no film either")
    (root / "empty.dcm").write_bytes(b"")
    return root


def test_folders_are_walked_in_order_and_all_that_is_called_or_looks_like_a_film_taken(
    tmp_path: Path,
) -> None:
    found = find_films([tree(tmp_path / "in")])
    names = ["IM0001", "a/no_extension", "b/10.png", "b/2.png", "empty.dcm", "fake.png"]
    assert [film.file for film in found] == names
    assert [film.path for film in found] == [tmp_path / "in" / film.file for film in found]


def test_a_named_file_is_kept_whatever_it_holds(tmp_path: Path) -> None:
    root = tree(tmp_path / "in")
    found = find_films([root / "notes.txt", root / "b", root / "b/2.png"])
    assert [film.file for film in found] == ["notes.txt", "10.png", "2.png"]


def test_own_masks_and_overlays_are_no_films(tmp_path: Path) -> None:
    png = raster_bytes(ramp(8), "PNG")
    own = "0a" * 32 + ".png"
    for name in (f"regions/{own}", f"overlays/{own}", f"films/{own}", "regions/hand.png", "film.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(png)
    # A film may be named by a hash, and a folder of films may be called regions: only both together pass.
    assert [film.file for film in find_films([tmp_path])] == ["film.png", f"films/{own}", "regions/hand.png"]
    assert len(find_films([tmp_path / "regions" / own])) == 1, "named outright, it is read"


def test_loops_of_links_end(tmp_path: Path) -> None:
    root = tree(tmp_path / "in")
    (root / "b" / "back").symlink_to(root, target_is_directory=True)
    (root / "z").symlink_to(root / "z")
    (root / "dead.png").symlink_to(root / "nowhere.png")
    names = ["IM0001", "a/no_extension", "b/10.png", "b/2.png", "dead.png", "empty.dcm", "fake.png"]
    assert [film.file for film in find_films([root])] == names


@pytest.mark.skipif(os.name != "posix", reason="paths this long")
def test_folders_nested_deeper_than_python_calls_itself_are_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    depth = sys.getrecursionlimit() + 100
    for _ in range(depth):
        Path("a").mkdir()
        os.chdir("a")
    Path("film.png").write_bytes(b"")
    monkeypatch.undo()
    try:
        assert [film.file for film in find_films([tmp_path])] == ["a/" * depth + "film.png"]
    finally:
        # The clean-up of the test run calls itself once per level.
        subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)


@pytest.mark.parametrize(
    ("name", "content", "listed"),
    [
        ("empty.png", b"", True),
        ("text.TIFF", b"no film", True),
        ("zip.Dicom", b"PK\x03\x04", True),
        ("bytes.ima", b"\0\1\2", True),
        ("png.gif", b"\x89PNG\r\n\x1a\n", True),
        ("gif.gif", b"GIF89a", True),
        ("bitmap", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", True),
        ("IM0002", b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", True),
        ("readme", b"BMI of every child", False),
        ("note.BMP", b"BMI of every child", False),
        ("empty", b"", False),
        ("films.csv", b"file\na.png\n", False),
        ("report.pdf", b"%PDF-1.7", False),
        ("films.zip", b"PK\x03\x04", False),
        (".hidden.png", b"", False),
    ],
)
def test_what_was_meant_as_a_film_is_listed(tmp_path: Path, name: str, content: bytes, listed: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert [film.file for film in find_films([tmp_path])] == ([name] if listed else [])


def test_what_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent.*does not exist"):
        find_films([tmp_path / "absent"])


def test_looks_like_image(tmp_path: Path) -> None:
    root = tree(tmp_path / "in")
    assert looks_like_image(root / "IM0001")
    assert not looks_like_image(root / "fake.png")
    assert not looks_like_image(root)
    assert not looks_like_image(root / "absent")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", Kind.EMPTY),
        (b"\x89PNG\r\n\x1a\n", Kind.PNG),
        (b"\xff\xd8\xff\xe0", Kind.JPEG),
        (b"II*\0", Kind.TIFF),
        (b"MM\0*", Kind.TIFF),
        (b"%PDF-1.7", Kind.PDF),
        (b"PK\x03\x04", Kind.ZIP),
        (b"RIFF\0\0\0\0WEBP", Kind.WEBP),
        (b"II*\0".ljust(128, b"\0") + b"DICM", Kind.DICOM),
        (b"hello", Kind.UNKNOWN),
    ],
)
def test_kinds_by_their_first_bytes(head: bytes, kind: Kind) -> None:
    assert sniff(head) is kind


def test_sha256_of_a_known_text(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert file_sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
