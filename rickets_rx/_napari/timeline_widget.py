"""The Timeline dock: grades, values, phases and events of the shown child; a click opens a film."""

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from rickets_rx._napari.desk import desk_of, in_words
from rickets_rx._napari.timeline_drawing import draw_course
from rickets_rx._napari.worker import CourseJob
from rickets_rx.review.course import as_corrected, course_of_films, film_hashes

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from rickets_rx.report.course import Course
    from rickets_rx.review.session import Session
    from rickets_rx.review.source import Row

#: Milliseconds after a correction before the grades are drawn anew: a drag must not wait for them (ours).
_AFTER_MS = 400


class TimelineWidget(QWidget):
    """The course of the child whose film is shown. Hidden from a blinded reader."""

    def __init__(self, napari_viewer: "Viewer") -> None:
        super().__init__()
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
        from matplotlib.figure import Figure

        self.desk = desk_of(napari_viewer)
        self.caption = QLabel("No folder is open.")
        self.caption.setWordWrap(True)
        self.figure = Figure(figsize=(6.0, 2.3), facecolor="#1c2024", layout="constrained")
        self.canvas = FigureCanvasQTAgg(self.figure)
        self.canvas.setMinimumHeight(150)
        self.canvas.mpl_connect("pick_event", self.point_callback)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.caption)
        layout.addWidget(self.canvas, 1)
        self.job: CourseJob | None = None
        self._known: dict[str, Course] = {}
        self._failed: dict[str, str] = {}
        self._films: dict[str, str] = {}
        self._drawn: Course | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AFTER_MS)
        self._later.timeout.connect(self._draw)
        self.desk.shown.connect(self._draw)
        self.desk.opened.connect(self._on_opened)
        self.desk.changed.connect(self._on_changed)
        self._on_opened()

    def _on_opened(self) -> None:
        """Another folder: nothing that is known of the last one holds."""
        self.job, self._known, self._failed = None, {}, {}
        self._draw()

    def _on_changed(self) -> None:
        if self._films:
            self._later.start()

    @in_words
    def _draw(self) -> None:
        self._later.stop()
        session, course = self.desk.session, self._course()
        self.figure.clear()
        self._films = {}
        if course is not None and session is not None:
            self._films = film_hashes(session.source, course)
            shown = next((f for f, sha in self._films.items() if sha == session.item.image_sha256), None)
            mended = as_corrected(course, self._films, lambda sha256: _corrected_rows(session, sha256))
            draw_course(self.figure, mended, shown, course)
        self.canvas.draw_idle()

    def _course(self) -> "Course | None":
        """The course of the shown child; None, with the reason in the caption, where there is none."""
        session = self.desk.session
        if session is None:
            self.caption.setText("No folder is open.")
            return None
        if session.blinded:
            self.caption.setText("Hidden: you read blinded, and this would tell child and dates.")
            return None
        patient = session.facts().patient_id
        if patient is None:
            self.caption.setText("This film names no patient: give patient_id and day in a manifest.")
            return None
        self.caption.setText(f"{patient}: a click on a grade opens its film.")
        if patient in self._known:
            return self._known[patient]
        if self.desk.case_dir is not None:
            self._ask(session, patient)
        return course_of_films(session.source, patient)

    def _ask(self, session: "Session", patient: str) -> None:
        """Let a worker line up the case folder; until then the grades alone are drawn."""
        if patient in self._failed:
            self.caption.setText(f"{patient}: only grades are drawn. {self._failed[patient]}")
            return
        self.caption.setText(f"{patient}: laboratory values and phases follow...")
        if self.job is None and self.desk.case_dir is not None:
            self.job = CourseJob(session.source, patient, self.desk.case_dir)
            self.job.ended.connect(self._on_ended)
            self.job.start()

    def _on_ended(self, said: str, wrong: bool) -> None:
        job = self.job
        if job is None or not job.finished:
            return  # the word of an earlier job, for a folder that is closed by now
        self.job = None
        if job.course is not None:
            self._known[job.patient_id] = job.course
        elif wrong:
            self._failed[job.patient_id] = said
        self._draw()

    @in_words
    def point_callback(self, event: Any) -> None:
        """Open the film whose grade was clicked."""
        film_id = event.artist.get_gid()
        session = self.desk.session
        if session is None or film_id not in self._films:
            return
        sha256 = self._films[film_id]
        places = [i for i, item in enumerate(session.items) if item.image_sha256 == sha256]
        if places:
            self.desk.show_item(places[0])
        else:
            self.desk.say("That film is not in your queue.")


def _corrected_rows(session: "Session", sha256: str) -> "tuple[Row, ...] | None":
    """Rows of a film that this reader mended or overrode, None where she did not."""
    film = session.film(sha256)
    return film.rows if film.corrected else None
