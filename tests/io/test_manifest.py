from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.errors import InputError
from rickets_rx.io.csv_text import csv_plain, read_table
from rickets_rx.io.film_names import is_absolute, named_below_roots
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


def test_an_absolute_path_is_taken_as_it_is_and_named_from_the_folder_of_the_manifest(tmp_path: Path) -> None:
    film = tmp_path / "below" / "a.png"
    row = read_manifest(manifest(tmp_path, f"file\n{film}\n"))[0]
    assert (row.path, row.file) == (film, "below/a.png")


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["/home/jane/x/1.png"], ["1.png"]),
        (
            ["/home/jane/x/1.png", "/home/jane/y/2.png", "/home/jane/y/z/2.png"],
            ["x/1.png", "y/2.png", "y/z/2.png"],
        ),
        (["/home/jane/x/1.png", "/home/jane/x/../x/./2.png"], ["1.png", "2.png"]),
        # No folder is shared: each tree has its own, and equal names are told apart without more of the path.
        (["/home/jane/1.png", "/mnt/disk/1.png"], ["1.png", "1.png (manifest row 3)"]),
        (["/home/jane/1.png", "1.png"], ["1.png (manifest row 2)", "1.png"]),
        (["C:\\Users\\jane\\a.png", "C:\\Users\\jane\\b\\c.png"], ["a.png", "b/c.png"]),
        (["C:\\Users\\jane\\a.png", "D:/films/b.png"], ["a.png", "b.png"]),
        (["\\\\server\\share\\jane\\a.png"], ["a.png"]),
        (["/a.png"], ["a.png"]),
    ],
)
def test_absolute_paths_reach_no_name(tmp_path: Path, files: list[str], names: list[str]) -> None:
    rows = read_manifest(manifest(tmp_path, "\n".join(["file", *files, ""])))
    assert [row.file for row in rows] == names
    assert [row.fault for row in rows] == [None] * len(rows)


PARTS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)
PLACES = st.sampled_from(["", "/", "/home/jane/", "/mnt/", "C:/Users/jane/", "D:/"])


@given(st.lists(st.tuples(PLACES, PARTS).map("".join), max_size=8))
def test_names_are_relative_and_all_different(files: list[str]) -> None:
    names = named_below_roots([(file, i) for i, file in enumerate(files)], Path("/home/jane/a"))
    assert len(set(names)) == len(files)
    assert not any(is_absolute(name) for name in names)
    first = {file: files.index(file) for file in files if not is_absolute(file)}
    assert all(names[i] == file for file, i in first.items())


def test_names_below_the_manifest_of_a_linked_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    files = f"file\n{tmp_path}/link/x/a.png\n{tmp_path}/real/x/b.png\n"
    rows = read_manifest(manifest(tmp_path / "link", files))
    assert [row.file for row in rows] == ["x/a.png", "x/b.png"]


@pytest.mark.parametrize("up", range(6))
def test_a_folder_of_two_names_one_within_the_other_gives_one_name_to_a_film(tmp_path: Path, up: int) -> None:
    # Looking at any one of the two first would leave it to chance; six links make that one in 64.
    deep = tmp_path.joinpath(*"abcdef")
    deep.mkdir(parents=True)
    link = deep / "link"
    link.symlink_to(deep.parents[up], target_is_directory=True)
    rows = read_manifest(manifest(link, f"file\n{link}/film.png\n"))
    assert [row.file for row in rows] == ["film.png"]


@pytest.mark.parametrize(
    ("content", "field", "problem"),
    [
        ("", "file", "empty"),
        ("file\n", "file", "no films"),
        ("patient_id,day\nP1,3\n", "header", "no column file"),
        ("file,weight\na.png,3\n", "header", "unknown column 'weight'"),
        ("file,side,side\na.png,left,left\n", "header", "twice"),
        ("file,,day\na.png,,3\n", "header", "no name"),
        ('file\n"a.png\n', "row 2", "cannot be read"),
        ("file\nä.png\n".encode("cp1252"), "row 2", "not UTF-8"),
        (b"file\nPK\x00\x00\n", "file", "zero bytes"),
    ],
)
def test_each_mistake_of_the_whole_table_is_raised_with_its_place(
    tmp_path: Path, content: str | bytes, field: str, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_manifest(manifest(tmp_path, content))
    error = caught.value
    assert (error.file, error.field) == ("manifest.csv", field)
    assert problem in error.problem
    assert error.mend


GOOD = "film.png"


@pytest.mark.parametrize(
    ("content", "field", "problem"),
    [
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
        ("file,side,joint\na.png,up,knee\n", "row 2, joint", "'knee'"),
    ],
)
def test_a_row_at_fault_says_so_and_the_others_are_read(
    tmp_path: Path, content: str, field: str, problem: str
) -> None:
    *before, row, good = read_manifest(manifest(tmp_path, f"{content}{GOOD}\n"))
    assert (good.file, good.path, good.fault) == (GOOD, tmp_path / GOOD, None)
    assert [one.fault for one in before] == [None] * len(before)
    assert row.fault is not None
    assert (row.fault.file, row.fault.field) == ("manifest.csv", field)
    assert problem in row.fault.problem
    assert row.fault.mend
    assert row.path.is_relative_to(tmp_path)
    assert ".." not in row.path.parts


def test_a_row_at_fault_keeps_its_other_cells_and_is_named_apart(tmp_path: Path) -> None:
    content = "file,patient_id,day,joint,side\na.png,P1,3,knee,left\na.png,P2,4,,\n,P3,5,,\n"
    rows = read_manifest(manifest(tmp_path, content))
    assert [(row.file, row.patient_id, row.day, row.side) for row in rows] == [
        ("a.png", "P1", 3, Side.LEFT),
        ("a.png (manifest row 3)", "P2", 4, None),
        ("(manifest row 4)", "P3", 5, None),
    ]


def test_other_tables_still_refuse_a_row_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest.csv: row 3: has 3 cells for 2 columns"):
        read_table(manifest(tmp_path, "file,day\na.png,3\nb.png,3,4\n"))


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


@pytest.mark.timeout(30)
def test_a_header_of_half_a_million_columns_is_read_in_no_time(tmp_path: Path) -> None:
    # Comparing every column with every other would take days.
    wide = "file" + "," * 500_000 + "\na.png\n"
    assert [row.file for row in read_manifest(manifest(tmp_path, wide))] == ["a.png"]
    with pytest.raises(InputError, match="twice"):
        read_manifest(
            manifest(tmp_path, "file" + "".join(f",c{i}" for i in range(200_000)) + ",file\na.png\n")
        )
