"""What the page shows: words, tables and figures."""

import pytest

from rickets_rx.agreement.bootstrap import Estimate, Interval, NoInterval
from rickets_rx.agreement.figures import figures_of
from rickets_rx.agreement.simulate import SimulatedReader, StudyModel, simulate_study
from rickets_rx.agreement.tables import tables_of
from rickets_rx.agreement.validate import validate
from rickets_rx.agreement.words import interval_words, note_words, said, two_digits, value_words
from rickets_rx.io.readings import Reading


def estimate(value, low=None, high=None, **more):
    kind = Interval.NONE if low is None else Interval.BCA
    return Estimate(value, low, high, 10, 10, more.pop("interval", kind), 0.95, **more)


@pytest.fixture(scope="module")
def result():
    model = StudyModel(
        20, (SimulatedReader("anna"), SimulatedReader("ben")), machine=SimulatedReader("machine")
    )
    study = simulate_study(model, seed=0)
    return validate(study.readings, study.scores, draws=50)


def test_numbers_in_words():
    found = estimate(0.7149, 0.5951, 0.8)
    assert said("kappa_quadratic", found) == "0.71 (0.60 to 0.80)"
    assert said("coverage", estimate(0.933, 0.9, 1.0)) == "93 % (90 % to 100 %)"
    assert (two_digits(-0.126), two_digits(-0.001)) == ("−0.13", "0.00")


def test_a_missing_number_is_a_dash_with_its_reason():
    found = estimate(None, reason=NoInterval.NO_DATA)
    assert (value_words("bias", found), interval_words("bias", found)) == ("—", "")
    assert note_words(found) == "no data"
    assert (
        note_words(estimate(1.0, 0.8, 1.0, interval=Interval.EXACT))
        == "exact interval, one trial per patient"
    )


def test_each_number_of_a_view_stands_in_exactly_one_table_cell(result):
    for view in result.views:
        place = {"scale": view.scale, "measure": str(view.measure), "stratum": view.stratum}
        cells = [
            cell
            for table in tables_of(result, view)
            for _, row, _, _ in table.rows
            for cell in row
            if cell.value
        ]
        assert len(cells) == len(result.find(**place))


def test_rows_are_as_wide_as_their_table(result):
    for view in result.views:
        for table in tables_of(result, view):
            assert {len(cells) for _, cells, _, _ in table.rows} == {len(table.columns)}


def test_figures_are_svg_without_dates_or_addresses_and_the_same_twice(result):
    first = [svg for view in result.views for _, svg in figures_of(result, view)]
    again = [svg for view in result.views for _, svg in figures_of(result, view)]
    assert first == again
    assert len(first) == 4 + 3  # forest, counts, ROC, calibration; forest, counts, Bland-Altman
    for svg in first:
        assert svg.startswith("<svg")
        assert "<dc:date>" not in svg
        assert "<image" not in svg or "data:image/png;base64" in svg


def test_no_figure_is_drawn_for_lack_of_data():
    alone = validate([Reading("a" * 64, "anna", bone="ulna", grade=1.0)], draws=5)
    assert [figures_of(alone, view) for view in alone.views] == [[], []]
