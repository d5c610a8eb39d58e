"""Where the files that travel with the package lie: beside the source tree, or inside the installed wheel."""

from pathlib import Path


def resource(folder: str) -> Path:
    """Folder of shipped data, ``models`` or ``sample_images``.

    A wheel carries them under ``rickets_rx/_data``; a source checkout has them beside the package.

    Raises
    ------
    FileNotFoundError
        When the installation carries neither.
    """
    package = Path(__file__).parent
    for candidate in (package / "_data" / folder, package.parent / folder):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(
        f"{folder}: not part of this installation of rickets_rx. Install the package again."
    )
