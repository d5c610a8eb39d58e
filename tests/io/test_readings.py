"""readings.csv: what is taken, what is kept as missing or refused, and what each error names."""

from pathlib import Path

import pytest

from rickets_rx.errors import InputError
from rickets_rx.io.readings import READING_COLUMNS, read_readings
from rickets_rx.vocabulary import Side

FILM, EARLIER = "a" * 64, "b" * 64
CONTRACT = (
    "image_sha256, instance, side, bone, reader, occasion, grade, gradable, reason, rgic, pair_sha256, "
    "region, order_known, blinded, machine_seen, read_at"
)


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "readings.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def row(**cells: object) -> str:
    return ",".join(str(cells.get(name, "")) for name in READING_COLUMNS)


def table(*rows: str) -> str:
    return "\n".join([",".join(READING_COLUMNS), *rows]) + "\n"


def test_columns_are_the_contracts():
    assert ", ".join(READING_COLUMNS) == CONTRACT


def test_a_full_row(tmp_path):
    cells = {
        "image_sha256": FILM,
        "instance": 2,
        "side": "left",
        "bone": "ulna",
        "reader": "anna",
        "occasion": 2,
    }
    said = {
        "grade": 1.5,
        "gradable": 1,
        "blinded": "yes",
        "machine_seen": 0,
        "read_at": "2026-05-01T09:30:00",
    }
    (reading,) = read_readings([write(tmp_path, table(row(**cells, **said)))])
    assert (reading.grade, reading.instance, reading.occasion, reading.side) == (1.5, 2, 2, Side.LEFT)
    assert (reading.blinded, reading.machine_seen, reading.order_known) == (True, False, None)
    assert (reading.row, reading.missing, reading.refused, reading.is_change) == (2, False, False, False)


def test_few_columns_with_mark_semicolon_and_decimal_comma(tmp_path):
    text = f"image_sha256;bone;reader;grade\r\n{FILM.upper()};Radius;anna;1,5\r\n"
    (reading,) = read_readings([write(tmp_path, text, "utf-8-sig")])
    assert (reading.image_sha256, reading.bone, reading.grade) == (FILM, "radius", 1.5)
    assert (reading.instance, reading.occasion, reading.machine_seen) == (1, 1, None)


def test_refused_and_missing_readings_are_kept_apart(tmp_path):
    one = {"image_sha256": FILM, "bone": "ulna", "reader": "anna"}
    refused, missing = row(**one, gradable=0, reason="overlapped"), row(**one, occasion=2)
    first, second = read_readings([write(tmp_path, table(refused, missing))])
    assert (first.refused, first.missing, first.reason, first.grade) == (True, False, "overlapped", None)
    assert (second.refused, second.missing) == (False, True)


def test_a_reading_of_change(tmp_path):
    cells = {"image_sha256": FILM, "pair_sha256": EARLIER, "reader": "anna", "region": "wrist", "rgic": -2}
    (reading,) = read_readings([write(tmp_path, table(row(**cells, order_known=0)))])
    assert (reading.is_change, reading.rgic, reading.order_known) == (True, -2, False)


def test_several_files_are_one_study_and_repeats_across_them_are_found(tmp_path):
    cells = {"image_sha256": FILM, "bone": "ulna", "grade": 1}
    first = write(tmp_path, table(row(**cells, reader="anna")), name="anna.csv")
    second = write(tmp_path, table(row(**cells, reader="ben")), name="ben.csv")
    assert [r.reader for r in read_readings([first, second])] == ["anna", "ben"]
    with pytest.raises(InputError, match=r"ben\.csv: row 3: repeats row 2 of anna\.csv.*occasion"):
        read_readings([first, write(tmp_path, table("", row(**cells, reader="anna")), name="ben.csv")])


GOOD = {"image_sha256": FILM, "bone": "ulna", "reader": "anna", "grade": 1}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"grade": 1.2}, r"row 2, column grade: 1\.2 is no grade of one bone\. One of 0, 0\.5, 1, 1\.5, 2"),
        ({"grade": "mild"}, "row 2, column grade: 'mild' is not a number"),
        ({"bone": "carpus"}, "column bone: 'carpus' is not a bone. One of radius, ulna"),
        ({"bone": ""}, "column bone: is empty"),
        ({"reader": ""}, "column reader: is empty"),
        ({"image_sha256": "film1.png"}, "column image_sha256: 'film1.png' is not 64 hexadecimal"),
        ({"side": "both"}, "column side: 'both' is not a side"),
        ({"occasion": 0}, "column occasion: '0' is not a count"),
        ({"instance": "x"}, "column instance: 'x' is not a count"),
        ({"gradable": 0}, "column gradable: says 0 beside a value"),
        ({"machine_seen": "perhaps"}, "column machine_seen: 'perhaps' is neither yes nor no"),
        ({"read_at": "yesterday"}, "column read_at: 'yesterday' is not a time"),
        ({"rgic": 1}, "column pair_sha256: is empty beside rgic"),
        ({"pair_sha256": EARLIER}, "column grade: stands in a reading of change"),
        ({"grade": "", "pair_sha256": FILM, "rgic": 1}, "column pair_sha256: is the film itself"),
        ({"grade": "", "pair_sha256": EARLIER, "rgic": 1.3}, r"column rgic: 1\.3 is no reading"),
        ({"region": "ankle"}, "column region: 'ankle' is not a region"),
    ],
)
def test_each_wrong_cell_names_its_place_and_mend(tmp_path, change, named):
    with pytest.raises(InputError, match=named) as caught:
        read_readings([write(tmp_path, table(row(**(GOOD | change))))])
    assert str(caught.value).startswith("readings.csv: row 2")
    assert caught.value.mend


def test_wrong_headers_are_named(tmp_path):
    with pytest.raises(InputError, match="column reader: is missing"):
        read_readings([write(tmp_path, f"image_sha256,bone,grade\n{FILM},ulna,1\n")])
    with pytest.raises(InputError, match=r"there is no reading in it\. Give grade with bone"):
        read_readings([write(tmp_path, f"image_sha256,reader,grade\n{FILM},anna,1\n")])
    with pytest.raises(InputError, match="column score: is not known"):
        read_readings([write(tmp_path, f"image_sha256,reader,bone,grade,score\n{FILM},anna,ulna,1,1\n")])
    with pytest.raises(InputError, match="holds no readings"):
        read_readings([write(tmp_path, "image_sha256,reader,bone,grade\n")])


def test_knee_grades_have_their_own_steps(tmp_path):
    (reading,) = read_readings([write(tmp_path, table(row(**(GOOD | {"bone": "femur", "grade": 3}))))])
    assert reading.grade == 3
    with pytest.raises(InputError, match=r"2\.5 is no grade"):
        read_readings([write(tmp_path, table(row(**(GOOD | {"bone": "femur", "grade": 2.5}))))])
