"""The room's background work."""

from tihuo.cards.jobs import change, export, importing, make
from tihuo.cards.service.changing import CHANGE
from tihuo.cards.service.exporting import EXPORT
from tihuo.cards.service.making import IMPORT, MAKE
from tihuo.jobs.files import JobFiles
from tihuo.jobs.task import Kind, nothing_to_undo
from tihuo.vault import CardVault


def kinds(vault: CardVault, files: JobFiles, origin: str) -> list[Kind]:
    """What a worker can do with cards. `origin`: scheme and host of the links that are printed."""
    making = make.Making(vault)
    reading = importing.Importing(vault, files)
    exporting = export.Exporting(vault, files, origin)
    return [
        Kind(MAKE, making.run, make.undo),
        Kind(IMPORT, reading.run, reading.undo),
        Kind(CHANGE, change.run, nothing_to_undo),
        Kind(EXPORT, exporting.run, nothing_to_undo),
    ]
