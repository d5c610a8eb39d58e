"""The films that a reader looks at, read when they are needed, the last few kept."""

from rickets_rx.errors import InputError
from rickets_rx.radiograph import Radiograph
from rickets_rx.review.source import Source
from rickets_rx.vocabulary import SpacingSource

#: Films kept in memory: the shown one, its pair and two neighbours (ours; 2 megapixels are 8 MB).
_KEPT = 4


class FilmShelf:
    """Films of a source.

    Parameters
    ----------
    source : Source
    blinded : bool
        Call films by their hash in messages, because file names can tell a patient.
    """

    def __init__(self, source: Source, *, blinded: bool = False) -> None:
        self._source, self._blinded = source, blinded
        self._films: dict[str, Radiograph] = {}

    def radiograph(self, image_sha256: str) -> Radiograph:
        """A film, read as it was when it was scored (spacing and polarity of the user's included).

        Raises
        ------
        InputError
            When its file is not found or cannot be read; says what to do.
        """
        if image_sha256 not in self._films:
            read = self._read(image_sha256)
            while len(self._films) >= _KEPT:
                self._films.pop(next(iter(self._films)))
            self._films[image_sha256] = read
        return self._films[image_sha256]

    def _read(self, sha256: str) -> Radiograph:
        from rickets_rx.io.read import read_radiograph

        film, path = self._source.film(sha256), self._source.path_of(sha256)
        name = f"film {sha256[:12]}" if self._blinded else film.file
        if path is None:
            mend = "Say where the films lie with --films FOLDER"
            raise InputError(name, "file", "is not found, or its bytes are not those that were scored", mend)
        content = film.content()
        by_user = content["spacing_source"] == SpacingSource.USER
        polarity = content["polarity"]
        inverted = polarity["inverted"] if polarity["decided_from"] == "user" else None
        spacing = content["spacing_mm"] if by_user else None
        return read_radiograph(path, name=name, spacing_mm=spacing, invert=inverted)
