"""`python -m tests.faults.dying_relay worker`: a worker whose relay dies after numbering, before telling."""

import os
import signal
from typing import Any

from redis.asyncio import Redis

from tihuo import cli
from tihuo.jobs.relay import EVENTS


def _die_before_telling() -> None:
    publish = Redis.publish

    async def dying(self: Any, channel: Any, message: Any, **named: Any) -> Any:
        if channel == EVENTS:
            os.kill(os.getpid(), signal.SIGKILL)
        return await publish(self, channel, message, **named)

    Redis.publish = dying  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    _die_before_telling()
    cli.main()
