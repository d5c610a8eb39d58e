"""The Timeline dock: grades, values, phases and events of the shown child; a click opens a film."""

from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from rickets_rx._napari.desk import desk_of, in_words
from rickets_rx._napari.timeline_drawing import draw_course
from rickets_rx.review.course import course_of_patient, film_hashes

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from rickets_rx.report.course import Course


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
        self._known: dict[tuple[int, str], Course] = {}
        self._films: dict[str, str] = {}
        self.desk.shown.connect(self._on_shown)
        self.desk.opened.connect(self._on_shown)
        self._on_shown()

    @in_words
    def _on_shown(self) -> None:
        self.figure.clear()
        self._films = {}
        course = self._course()
        session = self.desk.session
        if course is not None and session is not None:
            self._films = film_hashes(session.source, course)
            shown = next((f for f, sha in self._films.items() if sha == session.item.image_sha256), None)
            draw_course(self.figure, course, shown)
            self.caption.setText(f"{course.patient_id}: a click on a grade opens its film.")
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
        key = (id(session.source), patient)
        if key not in self._known:
            self._known[key] = course_of_patient(session.source, patient, self.desk.case_dir)
        return self._known[key]

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
