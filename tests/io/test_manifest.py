from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.errors import InputError
from rickets_rx.io.csv_text import csv_plain
from rickets_rx.io.manifest import ManifestRow, csv_safe, read_manifest
from rickets_rx.vocabulary import Joint, Side

FULL = "file,patient_id,day,joint,side,spacing_mm\nfilms/a.png,P1,-3,wrist,Left,0.144\nb.dcm,,,,,\n"


def manifest(folder: Path, content: str | bytes) -> Path:
    path = folder / "manifest.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_rows_become_typed(tmp_path: Path) -> None:
    assert read_manifest(manifest(tmp_path, FULL)) == [
        ManifestRow("films/a.png", tmp_path / "films" / "a.png", 2, "P1", -3, Joint.WRIST, Side.LEFT, 0.144),
        ManifestRow("b.dcm", tmp_path / "b.dcm", 3),
    ]


@pytest.mark.parametrize(
    "content",
    [
        FULL.encode(),
        FULL.encode("utf-8-sig"),
        FULL.encode("utf-16"),
        FULL.replace(",", ";").encode("utf-8-sig"),
        FULL.replace(",", "\t").encode(),
        FULL.replace("\n", "\r\n").encode(),
        FULL.replace("\n", "\r").encode(),
        (FULL + ",,,,,\n\n").encode(),
        FULL.replace("films/", "films\\").encode(),
        FULL.replace("b.dcm,,,,,", "b.dcm").encode(),
        FULL.replace("file,", " file ,").encode(),
    ],
)
def test_every_spreadsheet_writes_it_differently(tmp_path: Path, content: bytes) -> None:
    rows = read_manifest(manifest(tmp_path, content))
    assert [(row.file, row.patient_id, row.day) for row in rows] == [
        ("films/a.png", "P1", -3),
        ("b.dcm", "", None),
    ]


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    film = tmp_path / "elsewhere" / "a.png"
    assert read_manifest(manifest(tmp_path, f"file\n{film}\n"))[0].path == film


@pytest.mark.parametrize(
    ("content", "field", "problem"),
    [
        ("", "file", "empty"),
        ("file\n", "file", "no films"),
        ("patient_id,day\nP1,3\n", "header", "no column file"),
        ("file,weight\na.png,3\n", "header", "unknown column 'weight'"),
        ("file,side,side\na.png,left,left\n", "header", "twice"),
        ("file,,day\na.png,,3\n", "header", "no name"),
        ("file\na.png\na.png\n", "row 3, file", "same film as row 2"),
        ("file\nx/a.png\nx\\a.png\n", "row 3, file", "same film as row 2"),
        ("file\n../secret.png\n", "row 2, file", "out of the manifest's folder"),
        ("file\nx/../../secret.png\n", "row 2, file", "out of the manifest's folder"),
        ("file,day\n,3\n", "row 2, file", "is empty"),
        ("file,day\na.png,soon\n", "row 2, day", "'soon' is not a number"),
        ("file,day\na.png,3.5\n", "row 2, day", "not a day count"),
        ("file,day\na.png,20240131\n", "row 2, day", "not a day count"),
        ("file,day\na.png,nan\n", "row 2, day", "not a number"),
        ("file,joint\na.png,knee\n", "row 2, joint", "'knee'"),
        ("file,side\na.png,up\n", "row 2, side", "'up'"),
        ("file,spacing_mm\na.png,0\n", "row 2, spacing_mm", "no plausible"),
        ('file,spacing_mm\na.png,"0,144"\n', "row 2, spacing_mm", "not a number"),
        ("file,day\na.png,3,4\n", "row 2", "3 cells for 2 columns"),
        ('file\n"a.png\n', "row 2", "cannot be read"),
        ("file\nä.png\n".encode("cp1252"), "row 2", "not UTF-8"),
        (b"file\nPK\x00\x00\n", "file", "zero bytes"),
    ],
)
def test_each_mistake_is_named_with_its_place(
    tmp_path: Path, content: str | bytes, field: str, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_manifest(manifest(tmp_path, content))
    error = caught.value
    assert (error.file, error.field) == ("manifest.csv", field)
    assert problem in error.problem
    assert error.mend


def test_a_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        read_manifest(tmp_path / "absent.csv")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"])
def test_formulas_become_text(cell: str) -> None:
    assert csv_safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "P1", "a=b", "radius;ulna", "'=quoted", "0.5"])
def test_plain_text_stays(cell: str) -> None:
    assert csv_safe(cell) == cell


@given(st.text())
def test_safe_cells_never_begin_like_a_formula_and_come_back(cell: str) -> None:
    assert not csv_safe(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert csv_plain(csv_safe(cell)) == cell or cell.startswith("'")
