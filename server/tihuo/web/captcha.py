"""Image captchas: the answer waits in Redis for three minutes and serves once."""

import asyncio
import base64
import secrets

from captcha.image import ImageCaptcha
from redis.asyncio import Redis

LIFETIME = 180
# Digits only, and none that reads like another in a distorted picture.
_ALPHABET = "234679"
_LENGTH = 4


class Captchas:
    """Makes captchas and checks their answers."""

    def __init__(self, redis: Redis, fixed_answer: str | None = None) -> None:
        self._redis = redis
        self._fixed = fixed_answer
        self._image = ImageCaptcha(width=160, height=60)

    async def create(self) -> tuple[str, str]:
        """A new captcha's id and its picture as a data URI."""
        answer = self._fixed or "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        captcha_id = secrets.token_urlsafe(16)
        await self._redis.set(f"captcha:{captcha_id}", answer, ex=LIFETIME)
        picture = await asyncio.to_thread(lambda: self._image.generate(answer).getvalue())
        return captcha_id, "data:image/png;base64," + base64.b64encode(picture).decode()

    async def passes(self, captcha_id: str, answer: str) -> bool:
        """Whether the answer is right; either way the captcha is used up."""
        expected = await self._redis.getdel(f"captcha:{captcha_id}")
        return isinstance(expected, bytes) and secrets.compare_digest(expected, answer.strip().encode())
