"""Files that jobs make or read: encrypted in the store, for a while, and then erased."""

import datetime as dt
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from tihuo.db import Session, now
from tihuo.db.unit_of_work import UnitOfWork
from tihuo.jobs import queries, queue
from tihuo.jobs.errors import FileGone, FileNotYours
from tihuo.jobs.models import JobFile
from tihuo.storage import Store, read_chunks
from tihuo.vault import FileVault, Owner

UPLOAD, BEING_MADE = "upload", "being_made"
# What was uploaded waits for a day to be used; what was begun and never finished is erased after a day.
WAITS = dt.timedelta(days=1)
LASTS = dt.timedelta(hours=1)
_AT_ONCE = 50


@dataclass(frozen=True)
class Taken:
    """A file that is being given out: its content, decrypted, as it is read."""

    chunks: AsyncIterator[bytes]
    media_type: str
    name: str
    size: int


async def belongs_to(session: Session, merchant_id: int, file_id: int, job_id: int) -> bool:
    """Give an uploaded file to a job; False if there is no such file, or another job has it."""
    return await queries.keep_file_for(session, merchant_id, file_id, job_id)


class JobFiles:
    """The files of all merchants. `owner_of`: a merchant's part in deriving its keys."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        store: Store,
        vault: FileVault,
        owner_of: Callable[[int], Awaitable[Owner]],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._store = store
        self._vault = vault
        self._owner_of = owner_of

    async def keep_upload(
        self, merchant_id: int, staff_id: int, chunks: AsyncIterator[bytes], name: str, media_type: str
    ) -> JobFile:
        """Keep a file that was uploaded, for a job to read."""
        row = await self._begin(merchant_id, staff_id, None, UPLOAD, name, media_type, once=False)
        await self._put(row, chunks)
        return row

    async def keep_output(
        self,
        merchant_id: int,
        staff_id: int | None,
        job_id: int,
        path: Path,
        name: str,
        media_type: str,
        *,
        once: bool,
    ) -> JobFile:
        """Keep what a job made; `publish` it in the job's last step, else it is erased after a day."""
        row = await self._begin(merchant_id, staff_id, job_id, BEING_MADE, name, media_type, once=once)
        await self._put(row, read_chunks(path))
        return row

    async def _begin(
        self,
        merchant_id: int,
        staff_id: int | None,
        job_id: int | None,
        purpose: str,
        name: str,
        media_type: str,
        *,
        once: bool,
    ) -> JobFile:
        # The row first: what is in the store without one would never be erased.
        at = now()
        row = JobFile(
            merchant_id=merchant_id,
            job_id=job_id,
            staff_id=staff_id,
            purpose=purpose,
            store_key=f"private/{merchant_id}/{secrets.token_hex(16)}",
            name=name,
            media_type=media_type,
            size=0,
            once=once,
            created_at=at,
            expires_at=at + WAITS,
        )
        return await self._unit_of_work.run(lambda session: queries.add_file(session, merchant_id, row))

    async def _put(self, row: JobFile, chunks: AsyncIterator[bytes]) -> None:
        owner = await self._owner_of(row.merchant_id)
        await self._store.put_stream(row.store_key, self._vault.seal(owner, _name(row), chunks))

    async def read(self, merchant_id: int, file_id: int) -> AsyncIterator[bytes]:
        """The content of an uploaded file, decrypted. Raises FileGone."""
        row = await self._unit_of_work.run(lambda session: queries.file(session, merchant_id, file_id), writes=False)
        if row is None or row.erased_at is not None:
            raise FileGone()
        return await self._content(row)

    async def take(self, merchant_id: int, permissions: Collection[str], job_id: int, staff_id: int) -> Taken:
        """What a job made, to give out. Raises JobNotFound, FileGone, FileNotYours."""

        async def work(session: Session) -> JobFile:
            await queue.get(session, merchant_id, permissions, job_id)
            row = (await queries.files_of(session, merchant_id, [job_id], queue.OUTPUT)).get(job_id)
            if row is None:
                raise FileGone()
            if row.once and row.staff_id != staff_id:
                raise FileNotYours()
            if not await queries.take_file(session, merchant_id, row.id):
                raise FileGone()
            return row

        row = await self._unit_of_work.run(work)
        return Taken(await self._content(row), row.media_type, row.name, row.size)

    async def _content(self, row: JobFile) -> AsyncIterator[bytes]:
        sealed = await self._store.get_stream(row.store_key)
        if sealed is None:
            raise FileGone()
        return self._vault.open(await self._owner_of(row.merchant_id), _name(row), sealed)

    async def erase(self, row: JobFile) -> None:
        """Take a file out of the store, for good."""
        await self._store.delete(row.store_key)
        await self._unit_of_work.run(lambda session: queries.erased(session, row.merchant_id, row.id))

    async def erase_file(self, merchant_id: int, file_id: int) -> None:
        """Take an uploaded file that has served out of the store; again is harmless."""
        row = await self._unit_of_work.run(lambda session: queries.file(session, merchant_id, file_id), writes=False)
        if row is not None and row.erased_at is None:
            await self.erase(row)

    async def erase_some(self) -> int:
        """Erase files that have served or expired, of all merchants; answers how many."""
        rows = await self._unit_of_work.run(lambda session: queries.files_to_erase(session, _AT_ONCE), writes=False)
        for row in rows:
            await self.erase(row)
        return len(rows)


async def publish(session: Session, merchant_id: int, row: JobFile, size: int) -> None:
    """Offer what a job made for download, from now on for an hour."""
    await queries.publish_file(session, merchant_id, row.id, queue.OUTPUT, size, now() + LASTS)


async def served(session: Session, merchant_id: int, file_id: int) -> None:
    """An uploaded file is needed no more: should this worker die before it is erased, any other erases it."""
    await queries.expire_file(session, merchant_id, file_id)


def _name(row: JobFile) -> str:
    return f"job file {row.id}"
