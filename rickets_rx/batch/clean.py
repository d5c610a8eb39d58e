"""What of earlier runs stays in a folder of results that is used again."""

import re
from collections.abc import Iterator
from pathlib import Path

from rickets_rx.batch.outcome import Work
from rickets_rx.batch.store import Store

#: Only what this program names so is ever deleted.
_OURS = re.compile(r"([0-9a-f]{64})\.(?:json|png)")


def sweep(out: Path) -> None:
    """Take away half-written files of a run that was killed; only under the lock of the store."""
    for folder in (out, out / "regions", out / "overlays"):
        for path in folder.glob(".*.part"):
            path.unlink(missing_ok=True)


def forget_failed(store: Store, out: Path) -> None:
    """Take away regions and overlays of listed films that failed, at the end of every run.

    A film can fail after its regions were written (its overlay, its worker); or they are of other software.
    """
    for sha256 in store.failed_hashes():
        for name in (f"regions/{sha256}.json", f"regions/{sha256}.png", f"overlays/{sha256}.png"):
            (out / name).unlink(missing_ok=True)


def clean(store: Store, work: Work) -> None:
    """Take away regions and overlays of films without a score in the store, at the end of a whole run.

    Those with one stay, also where this run did not list them: with them a film that is listed again is
    not computed again. Overlays go where burned-in text may not be shown, also those drawn in an earlier run
    that was allowed to.
    """
    known = store.hashes("failure IS NULL")
    shown = known if work.identity.keep else store.hashes("failure IS NULL AND warning IS NULL")
    for folder, kept in (("regions", known), ("overlays", shown)):
        for sha256, path in _files(work.out / folder):
            if sha256 not in kept:
                path.unlink(missing_ok=True)


def regions_of_earlier_runs(store: Store, out: Path) -> list[str]:
    """SHA-256 of films with regions that this run did not list, sorted; none where the folder is its own."""
    listed = {row["sha256"] for row in store.done("sha256")}
    return sorted({sha256 for sha256, _ in _files(out / "regions")} - listed)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Hash and path of the files that were written for films."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if named := _OURS.fullmatch(path.name):
            yield named[1], path
