"""The Files tab: who reads, which folder, how; scoring a folder of films without leaving the window."""

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QWidget,
)

from rickets_rx._napari.desk import Desk, in_words
from rickets_rx._napari.worker import ScoreJob
from rickets_rx.review.open import open_review
from rickets_rx.review.queue import Plan, read_reading_list
from rickets_rx.review.session import Sitting


class FolderPanel(QWidget):
    """Opens a scored folder or a case folder for a reader, and scores films in a worker.

    Signals
    -------
    export_wanted
    """

    export_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.job: ScoreJob | None = None
        self.reader = QLineEdit()
        self.reader.setPlaceholderText("a name or pseudonym")
        self.folder = QLineEdit()
        self.folder.setPlaceholderText("results of score, or a case")
        self.list = QLineEdit()
        self.list.setPlaceholderText("reading list (optional)")
        self.blinded = QCheckBox("hide child, dates, machine")
        self.seed, self.occasion = QSpinBox(), QSpinBox()
        self.seed.setRange(-1, 10**6)
        self.seed.setValue(-1)
        self.seed.setSpecialValueText("as listed")
        self.occasion.setRange(1, 9)
        self.open = QPushButton("Open")
        self.films = QLineEdit()
        self.films.setPlaceholderText("folder of films to score first")
        self.score, self.cancel = QPushButton("Score films"), QPushButton("Cancel")
        self.cancel.setEnabled(False)
        self.progress = QProgressBar()
        self.export = QPushButton("Export readings.csv and corrected scores")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.addRow("Reader", self.reader)
        form.addRow("Folder", _with_browse(self, self.folder, folder=True))
        form.addRow("List", _with_browse(self, self.list, folder=False))
        form.addRow("Blinded", self.blinded)
        form.addRow("Shuffle by seed", self.seed)
        form.addRow("Occasion", self.occasion)
        form.addRow(self.open)
        form.addRow("Films", _with_browse(self, self.films, folder=True))
        line = QHBoxLayout()
        line.addWidget(self.score)
        line.addWidget(self.cancel)
        form.addRow("", line)
        form.addRow(self.progress)
        form.addRow(self.export)

    def _connect(self) -> None:
        self.open.clicked.connect(self.open_callback)
        self.score.clicked.connect(self.score_callback)
        self.cancel.clicked.connect(self.cancel_callback)
        self.export.clicked.connect(lambda: self.export_wanted.emit())

    @in_words
    def open_callback(self) -> None:
        """Sit down to the folder named."""
        seed = None if self.seed.value() < 0 else self.seed.value()
        tasks = read_reading_list(Path(self.list.text())) if self.list.text().strip() else ()
        plan = Plan(seed=seed, occasion=self.occasion.value(), tasks=tasks)
        sitting = Sitting(self.reader.text(), self.blinded.isChecked(), plan)
        opened = open_review(Path(self.folder.text()), sitting)
        self.desk.open(opened.session, opened.case_dir)

    @in_words
    def score_callback(self) -> None:
        """Score a folder of films beside it, in a worker; the window stays alive."""
        films = Path(self.films.text().strip() or ".")
        job = ScoreJob(films, films.parent / f"{films.name}_scored")
        job.advanced.connect(self._on_advanced)
        job.ended.connect(self._on_ended)
        self.progress.setRange(0, job.total)
        self.progress.setValue(0)
        self.score.setEnabled(False)
        self.cancel.setEnabled(True)
        self.job = job
        job.start()
        self.desk.say(f"Scoring {job.total} films...")

    def cancel_callback(self) -> None:
        """Stop after the films that are being worked on; what is done is kept."""
        if self.job is not None:
            self.job.cancel()
            self.desk.say("Stopping; films that are done are kept.")

    def _on_advanced(self, done: int, file: str, reason: str) -> None:
        self.progress.setValue(done)
        if reason:
            self.desk.say(reason, error=True)

    def _on_ended(self, text: str, error: bool) -> None:
        self.score.setEnabled(True)
        self.cancel.setEnabled(False)
        if self.job is not None and not error:
            self.folder.setText(str(self.job.out))
        self.desk.say(text, error=error)


def _with_browse(parent: QWidget, line: QLineEdit, *, folder: bool) -> QHBoxLayout:
    """A line of text with a button that fills it from a dialog."""
    button = QPushButton("...")
    button.setMaximumWidth(32)

    def browse() -> None:
        if folder:
            chosen = QFileDialog.getExistingDirectory(parent, "Folder", line.text())
        else:
            chosen = QFileDialog.getOpenFileName(parent, "Reading list", line.text(), "Tables (*.csv)")[0]
        if chosen:
            line.setText(chosen)

    button.clicked.connect(browse)
    layout = QHBoxLayout()
    layout.addWidget(line)
    layout.addWidget(button)
    return layout
