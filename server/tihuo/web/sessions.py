"""Staff sessions: a random token in a cookie, its hash in Redis."""

import hashlib
import json
import secrets
from dataclasses import dataclass

from redis.asyncio import Redis

COOKIE = "tihuo_session"
LIFETIME = 7 * 24 * 3600


@dataclass(frozen=True)
class Principal:
    """The staff account on whose behalf a request acts; `permissions` are the ones it has."""

    staff_id: int
    merchant_id: int
    name: str
    is_owner: bool
    permissions: frozenset[str]


class Sessions:
    """Opens, reads and ends sessions."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def open(self, staff_id: int) -> str:
        """A new session's token, for the cookie; it lives for seven days."""
        token = secrets.token_urlsafe(32)
        key = _key(token)
        async with self._redis.pipeline() as pipe:
            pipe.set(key, json.dumps({"staff_id": staff_id}), ex=LIFETIME)
            pipe.sadd(_index(staff_id), key)
            pipe.expire(_index(staff_id), LIFETIME)
            await pipe.execute()
        return token

    async def staff_id(self, token: str | None) -> int | None:
        """Whose session the token is; None when it has ended or never was."""
        if not token:
            return None
        content = await self._redis.get(_key(token))
        return int(json.loads(content)["staff_id"]) if content else None

    async def close(self, token: str) -> None:
        """End one session."""
        await self._redis.delete(_key(token))

    async def close_all(self, staff_id: int, but: str | None = None) -> None:
        """End every session of an account, except the one with token `but`."""
        index = _index(staff_id)
        kept = _key(but).encode() if but else None
        for key in await self._redis.smembers(index):
            if key != kept:
                await self._redis.delete(key)
                await self._redis.srem(index, key)


def _key(token: str) -> str:
    return "session:" + hashlib.sha256(token.encode()).hexdigest()


def _index(staff_id: int) -> str:
    return f"staff_sessions:{staff_id}"
