"""Pictures of every widget for docs/: ``python -m rickets_rx._napari.screenshots docs/images``.

Needs a display; without one run it under ``xvfb-run -s "-screen 0 1600x1000x24"``.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rickets_rx._napari.compare_widget import CompareWidget
from rickets_rx._napari.launch import dress
from rickets_rx._napari.review_widget import ReviewWidget
from rickets_rx._napari.timeline_widget import TimelineWidget
from rickets_rx._napari.tools import Tool
from rickets_rx.resources import resource
from rickets_rx.review.open import open_review
from rickets_rx.review.queue import Plan
from rickets_rx.review.session import Sitting

SIZE = (1280, 800)


def take_screenshots(out: Path, scored: Path | None = None) -> list[Path]:
    """Draw the two sisters' case in a window of 1280 x 800 and save a picture of each widget.

    Parameters
    ----------
    out : Path
        Created where missing; ``review_<name>.png``.
    scored : Path, optional
        A folder for the scores of the case, to spare scoring it again.

    Returns
    -------
    list of Path
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    with tempfile.TemporaryDirectory() as folder:
        home = scored or Path(folder)
        for name, blinded, prepare in (
            ("read", False, _read),
            ("correct", False, _correct),
            ("compare", False, _compare),
            ("knee", False, lambda review: review.tabs.setCurrentWidget(review.knee)),
            ("files", False, lambda review: review.tabs.setCurrentWidget(review.folder)),
            ("keys", False, lambda review: review.tabs.setCurrentIndex(4)),
            ("blinded", True, lambda review: None),
        ):
            with _window(home, Path(folder) / name, blinded, prepare) as window:
                path = out / f"review_{name}.png"
                window.grab().save(str(path))
                paths.append(path)
    return paths


@contextmanager
def _window(home: Path, record: Path, blinded: bool, prepare: Callable[[ReviewWidget], None]) -> Iterator:
    import napari

    case = resource("sample_images") / "hvdrr_siblings"
    # The scores are shared, the record is not: no picture shows what an earlier one said.
    open_review(case, Sitting("nobody"), record=home).session.close()
    sitting = Sitting("anna", blinded, Plan(seed=4 if blinded else None))
    opened = open_review(home / "films", sitting, record=record, films=[case], case_dir=case)
    viewer = napari.Viewer(show=True)
    # Without the banner of the first start, and at the size that a small monitor has.
    viewer.window._qt_window.resize(*SIZE)
    review = dress(viewer, opened)
    _settle()
    review.desk.show_item()
    _wait_for_course(review)
    prepare(review)
    _settle()
    yield viewer.window._qt_window
    review.desk.close()
    viewer.close()


def _settle() -> None:
    """Let Qt lay out and draw: a canvas that was never shown is black."""
    from qtpy.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(600, loop.quit)
    loop.exec()


def _wait_for_course(review: ReviewWidget) -> None:
    """The timeline's values come from a worker."""
    for dock in review.desk.viewer.window.dock_widgets.values():
        while isinstance(dock, TimelineWidget) and dock.job is not None:
            _settle()


def _read(review: ReviewWidget) -> None:
    review.accept_callback()
    review.grade_callback(1.5)
    review.desk.say("Recorded. Press N for the next film.")


def _correct(review: ReviewWidget) -> None:
    from rickets_rx.review import mend

    review.tabs.setCurrentWidget(review.correct)
    review.correct.take(Tool.CORNERS)
    session = review.desk.session
    if session is None:
        return
    place = session.places()[0]
    bone = mend.metaphysis_of(session, place)
    lifted = (bone.corner1[0] - 2.0, bone.corner1[1] + 4.0)
    mend.drag_corners(session, place, lifted, bone.corner2)
    session.override(place, 1.5, "cup without fraying at full size")
    review.desk.view.refresh()
    # The timeline draws a correction a moment later.
    _settle()


def _compare(review: ReviewWidget) -> None:
    review.desk.show_item(1)
    for dock in review.desk.viewer.window.dock_widgets.values():
        if isinstance(dock, CompareWidget):
            frame = dock.parentWidget()
            if frame is not None:
                frame.setVisible(True)
                frame.raise_()
            _settle()
            dock.show_callback()
            dock.value_callback(2)


def main() -> None:
    """Entry point of ``python -m rickets_rx._napari.screenshots``."""
    parser = argparse.ArgumentParser(description="Pictures of the review's widgets for docs/images.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--scored", type=Path, help="folder that keeps the scores of the case")
    given = parser.parse_args()
    take_screenshots(given.out, given.scored)


if __name__ == "__main__":
    main()
