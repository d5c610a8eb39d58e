"""The Knee tab: A and B of femur and tibia, left and right, by hand."""

from qtpy.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QWidget

from rickets_rx._napari.desk import Desk, in_words
from rickets_rx.io.readings import KNEE_BONES
from rickets_rx.review.knee import knee_reading, read_knee
from rickets_rx.review.words import KNEE_A_WORDS, KNEE_B_WORDS
from rickets_rx.vocabulary import Side


class KneePanel(QWidget):
    """One row for each bone and side: A, B, their product, and a button that records it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.a: dict[tuple[str, Side], QComboBox] = {}
        self.b: dict[tuple[str, Side], QComboBox] = {}
        self.result: dict[tuple[str, Side], QLabel] = {}
        layout = QGridLayout(self)
        intro = QLabel("Knees are read by hand only (Thacher 2000). Grade of a bone = A × B.")
        intro.setWordWrap(True)
        layout.addWidget(intro, 0, 0, 1, 3)
        row = 1
        for bone in KNEE_BONES:
            for side in Side:
                row = self._add_row(layout, row, (bone, side))
        layout.setRowStretch(row, 1)

    def _add_row(self, layout: QGridLayout, row: int, key: tuple[str, Side]) -> int:
        bone, side = key
        a, b, result = QComboBox(), QComboBox(), QLabel("not read")
        for value, words in KNEE_A_WORDS.items():
            a.addItem(f"A {value}: {words}", value)
        for part, words in KNEE_B_WORDS.items():
            b.addItem(f"B {part:g}: {words}", part)
        record = QPushButton("Record")
        record.clicked.connect(lambda _=False: self.record_callback(bone, side))
        self.a[key], self.b[key], self.result[key] = a, b, result
        layout.addWidget(QLabel(f"<b>{bone.capitalize()}, {side}</b>"), row, 0)
        layout.addWidget(result, row, 1)
        layout.addWidget(record, row, 2)
        layout.addWidget(a, row + 1, 0, 1, 3)
        layout.addWidget(b, row + 2, 0, 1, 3)
        return row + 3

    @in_words
    def record_callback(self, bone: str, side: Side) -> None:
        session = self.desk.session
        if session is None:
            self.desk.say("Open a folder first.", error=True)
            return
        key = (bone, side)
        a, b = int(self.a[key].currentData()), float(self.b[key].currentData())
        grade = read_knee(session, session.item.image_sha256, bone, side, a, b)
        self.desk.say(f"{bone.capitalize()}, {side}: A {a} × B {b:g} = {grade:g}")

    def refresh(self) -> None:
        """Show what was read on the shown film."""
        session = self.desk.session
        for (bone, side), label in self.result.items():
            film = None if session is None else session.item.image_sha256
            said = None if session is None or film is None else knee_reading(session, film, bone, side)
            label.setText("not read" if said is None else f"grade <b>{said.grade:g}</b>")
