"""The Compare dock: two films of one child side by side, and the reading of change."""

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rickets_rx._napari.compat import scale_bar_of
from rickets_rx._napari.desk import desk_of, in_words
from rickets_rx._napari.reader import grey_range
from rickets_rx.errors import UsageError
from rickets_rx.radiograph import Radiograph
from rickets_rx.review.pairs import align, change_read, earlier_films, frame_on, pair_item, read_change
from rickets_rx.review.queue import Item
from rickets_rx.review.session import Session
from rickets_rx.review.words import CHANGE_WORDS
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Joint

if TYPE_CHECKING:
    from napari.viewer import Viewer

LEFT, RIGHT = "left film", "right film"
#: Columns of each aligned picture, and between them (ours).
_WIDTH, _BETWEEN = 480, 24


class CompareWidget(QWidget):
    """Shows a pair aligned by the bone's own frame at equal width, and records -3 to +3."""

    def __init__(self, napari_viewer: "Viewer") -> None:
        super().__init__()
        self.desk = desk_of(napari_viewer)
        self.item: Item | None = None
        self.earlier, self.bone, self.region = QComboBox(), QComboBox(), QComboBox()
        self.region.addItems([*Joint, "global"])
        for bone in Bone:
            self.bone.addItem(str(bone).replace("_", " "), str(bone))
        self.order_known = QCheckBox("order known: the earlier film is on the left")
        self.order_known.setChecked(True)
        self.show_pair, self.back = QPushButton("Show side by side"), QPushButton("Back to the film")
        self.meaning = QLabel("+ means that the film on the right is better.")
        self.said, self.message = QLabel(""), QLabel("")
        self.values = QButtonGroup(self)
        self._buttons = {value: self._value_button(value) for value in CHANGE_WORDS}
        self._lay_out()
        self._connect()
        self._on_shown()

    def _value_button(self, value: int) -> QPushButton:
        button = QPushButton(f"{value:+d}" if value else "0")
        button.setToolTip(f"{value:+d}: {CHANGE_WORDS[value]}")
        button.setCheckable(True)
        button.clicked.connect(lambda _=False: self.value_callback(value))
        self.values.addButton(button)
        return button

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        form = QFormLayout()
        form.addRow("Earlier film", self.earlier)
        form.addRow("Aligned by", self.bone)
        form.addRow("Region", self.region)
        layout.addLayout(form)
        layout.addWidget(self.order_known)
        layout.addWidget(self.show_pair)
        layout.addWidget(self.back)
        for label in (self.meaning, self.said, self.message):
            label.setWordWrap(True)
        layout.addWidget(self.meaning)
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        for row, value in enumerate(sorted(CHANGE_WORDS, reverse=True)):
            button = self._buttons[value]
            button.setMaximumWidth(52)
            grid.addWidget(button, row, 0)
            grid.addWidget(QLabel(CHANGE_WORDS[value]), row, 1)
        grid.setColumnStretch(1, 1)
        layout.addLayout(grid)
        layout.addWidget(self.said)
        layout.addWidget(self.message)
        layout.addStretch(1)

    def _connect(self) -> None:
        self.desk.shown.connect(self._on_shown)
        self.desk.opened.connect(self._on_shown)
        self.desk.changed.connect(self._on_changed)
        self.desk.said.connect(self._on_said)
        self.show_pair.clicked.connect(self.show_callback)
        self.back.clicked.connect(self.back_callback)
        self.region.activated.connect(lambda _: self._on_changed())

    # --- what a reader does ---------------------------------------------------------------------------

    @in_words
    def show_callback(self) -> None:
        """Show the pair of the queue, or the shown film beside the earlier one that is chosen."""
        session = self._session()
        if session.item.is_pair:
            item = session.item
        elif session.blinded:
            raise UsageError("a blinded reader compares the pairs of her reading list only")
        elif self.earlier.currentData() is None:
            raise UsageError("no earlier film of this child and joint is here")
        else:
            known = self.order_known.isChecked()
            item = pair_item(
                session, session.item.image_sha256, self.earlier.currentData(), order_known=known
            )
        self.item = item
        self._draw(session, item)
        self._on_changed()

    def back_callback(self) -> None:
        """Leave the comparison for the film."""
        self.item = None
        self._clear()
        self.desk.view.show()

    @in_words
    def value_callback(self, value: int) -> None:
        """Record a reading of change."""
        if self.item is None:
            raise UsageError("show a pair side by side first")
        read_change(self._session(), self.item, value, self.region.currentText())
        self.desk.say(f"{value:+d} ({CHANGE_WORDS[value]}) for {self.region.currentText()} recorded.")

    # --- drawing --------------------------------------------------------------------------------------

    def _draw(self, session: Session, item: Item) -> None:
        bone = Bone(self.bone.currentData())
        hashes = [item.left, item.pair_sha256 if item.left == item.image_sha256 else item.image_sha256]
        films = [session.radiograph(sha256) for sha256 in hashes]
        frames = [frame_on(session, sha256, bone) for sha256 in hashes]
        if frames[0] is None or frames[1] is None:
            name = str(bone).replace("_", " ")
            raise UsageError(f"the {name} has no outline on both films: choose another bone, or add it")
        pair = align((films[0], frames[0]), (films[1], frames[1]), width=_WIDTH)
        self.desk.view.clear()
        self._clear()
        for name, picture, film, at in (
            (LEFT, pair.left, films[0], 0),
            (RIGHT, pair.right, films[1], _WIDTH + _BETWEEN),
        ):
            self._add(name, picture, film, at)
        scale_bar_of(self.desk.viewer).visible = False
        self.desk.viewer.reset_view()
        if pair.opposite:
            self.desk.say(
                "The bone runs the other way round on one of them: another side, or mirrored?", error=True
            )

    def _add(self, name: str, picture: np.ndarray, film: Radiograph, at: int) -> None:
        low, high = grey_range(film)
        shown = np.nan_to_num(picture, nan=low)
        self.desk.viewer.add_image(
            shown, name=name, colormap="gray", contrast_limits=(low, high), translate=(0, at)
        )

    def _clear(self) -> None:
        for name in (LEFT, RIGHT):
            if name in self.desk.viewer.layers:
                self.desk.viewer.layers.remove(name)

    # --- what the desk tells --------------------------------------------------------------------------

    def _session(self) -> Session:
        if self.desk.session is None:
            raise UsageError("open a folder in the Review dock first")
        return self.desk.session

    def _on_said(self, text: str, _: bool) -> None:
        self.message.setText(text)

    @in_words
    def _on_shown(self) -> None:
        """Another film: offer its earlier ones; a pair of the queue is shown at once."""
        self._clear()
        self.item = None
        self.earlier.clear()
        session = self.desk.session
        if session is None:
            return
        self.order_known.setEnabled(not session.item.is_pair)
        if session.item.is_pair:
            self.order_known.setChecked(session.item.order_known)
        elif not session.blinded:
            for film in earlier_films(session.source, session.item.image_sha256):
                self.earlier.addItem(f"day {film.day} · {film.file}", film.image_sha256)
        self._choose_bone(session)
        if session.item.is_pair:
            self.show_callback()
        self._on_changed()

    def _choose_bone(self, session: Session) -> None:
        """The first bone with an outline, and the region of its joint."""
        for joint in session.film().score().joints:
            for bone in Bone:
                if joint.graded(bone) is not None:
                    self.bone.setCurrentIndex(list(Bone).index(bone))
                    self.region.setCurrentText(str(JOINT_OF_BONE[bone]))
                    return

    def _on_changed(self) -> None:
        session = self.desk.session
        shown = self.item is not None and session is not None
        value = None
        if session is not None and self.item is not None:
            value = change_read(session, self.item, self.region.currentText())
            if value is not None and self.item.left == self.item.image_sha256:
                value = -value
        self.values.setExclusive(False)
        for number, button in self._buttons.items():
            button.setEnabled(shown)
            button.setChecked(number == value)
        self.values.setExclusive(True)
        self.said.setText("" if value is None else f"Read: {value:+d}, {CHANGE_WORDS[value]}")
