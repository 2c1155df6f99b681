import datetime as dt
from typing import Any, Literal

from tihuo.shapes import Out, Page

JobStatus = Literal["waiting", "running", "undoing", "done", "failed", "cancelled"]


class JobError(Out):
    code: str
    message: str
    data: dict[str, Any]


class JobFileView(Out):
    """A file to download, until it is erased. `once`: the first download is the last."""

    name: str
    size: int
    once: bool
    expires_at: dt.datetime
    available: bool


class JobView(Out):
    """A job as staff see it. `seconds_left`: an estimate from its speed so far, None when there is none yet."""

    id: int
    kind: str
    permission: str
    title: str
    status: JobStatus
    cancellable: bool
    total: int
    done: int
    seconds_left: int | None
    staff_id: int | None
    created_by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    result: dict[str, Any]
    error: JobError | None
    file: JobFileView | None


class JobPage(Page[JobView]):
    pass
