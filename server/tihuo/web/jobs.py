"""Jobs for the back office: what runs, how far it is, what it made."""

from tihuo.db import Session
from tihuo.jobs import queue
from tihuo.jobs.errors import FileGone, FileNotYours, JobEnded, JobNotCancellable, JobNotFound
from tihuo.jobs.schemas import JobPage, JobView
from tihuo.shapes import Paged
from tihuo.web.endpoint import Stream, endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class JobsHandler(Handler):
    @endpoint(allows="staff")
    async def get(self, session: Session, principal: Principal, query: Paged) -> JobPage:
        """The jobs that the account may see, newest first."""
        return await queue.list_page(session, principal.merchant_id, principal.permissions, query)


class JobHandler(Handler):
    @endpoint(allows="staff", raises=(JobNotFound,))
    async def get(self, session: Session, principal: Principal, job_id: int) -> JobView:
        """One job."""
        return await queue.get(session, principal.merchant_id, principal.permissions, job_id)


class JobCancelHandler(Handler):
    @endpoint(allows="staff", raises=(JobNotFound, JobEnded, JobNotCancellable))
    async def post(self, session: Session, principal: Principal, job_id: int) -> JobView:
        """Have a job stop and undo what it did."""
        return await queue.cancel(session, principal.merchant_id, principal.permissions, job_id)


class JobFileHandler(Handler):
    @endpoint(allows="staff", media_type="application/octet-stream", raises=(JobNotFound, FileGone, FileNotYours))
    async def post(self, principal: Principal, job_id: int) -> Stream:
        """Download what a job made; a file that holds passwords only once, and for an hour."""
        found = await self.context.files.take(principal.merchant_id, principal.permissions, job_id, principal.staff_id)
        return Stream(found.chunks, found.media_type, found.name, found.size)


routes = [
    Route("/api/m/jobs", JobsHandler),
    Route("/api/m/jobs/{job_id}", JobHandler),
    Route("/api/m/jobs/{job_id}/cancel", JobCancelHandler),
    Route("/api/m/jobs/{job_id}/file", JobFileHandler),
]
