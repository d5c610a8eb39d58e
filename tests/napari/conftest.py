"""A real viewer where napari and a display are there; else every test here is skipped, saying why."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from review.drawn_folder import write_scored


def no_display() -> str:
    """Why no window can be opened here; empty where one can."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        return "no display: run under xvfb-run (QT_QPA_PLATFORM=offscreen has no OpenGL and crashes)"
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return "QT_QPA_PLATFORM has no OpenGL: run under xvfb-run"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip before Qt is touched: without a display it aborts the whole process."""
    reason = no_display()
    if not reason:
        return
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `score` writes it, of drawn wrists."""
    return write_scored(tmp_path_factory.mktemp("scored"))


@pytest.fixture
def sit_down(make_napari_viewer: Callable, scored: Path, tmp_path: Path, qtbot) -> Iterator[Callable]:
    """``review = sit_down("anna", blinded=True)``: a shown window with all docks, one record for all."""
    from rickets_rx._napari.launch import dress
    from rickets_rx.review.open import open_review
    from rickets_rx.review.queue import Plan
    from rickets_rx.review.session import Sitting

    desks = []

    def open_window(reader: str = "anna", *, blinded: bool = False, **plan: object):
        viewer = make_napari_viewer(show=True)
        viewer.window._qt_window.resize(1280, 800)
        for before in desks:
            if before.session is not None and before.session.reader == reader:
                before.close()  # one window at a time holds a reader's record
        opened = open_review(scored, Sitting(reader, blinded, Plan(**plan)), record=tmp_path / "record")
        review = dress(viewer, opened)
        qtbot.wait(50)
        desks.append(review.desk)
        return review

    yield open_window
    for desk in desks:
        desk.close()
