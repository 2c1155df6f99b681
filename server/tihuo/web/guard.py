"""Guessing of card passwords: failures are counted in Redis and answered in steps (spec G, Guessing).

All that counts against a try is read in one round trip; one that is right and has nothing against it writes nothing.
Within a process the tries at one card wait for each other, and of one address's only as many run at a time as might
still fail, so that a burst can't outrun the counting. Processes don't wait for each other: when a limit is reached,
each other one may be letting one more try at that card pass, and at an address as many as were left when it looked.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple, cast
from weakref import WeakValueDictionary

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tihuo.errors import AddressBlocked, CaptchaNeeded, CaptchaWrong, ServiceBusy, TooManyTries
from tihuo.settings import Settings
from tihuo.shapes import unmistakable
from tihuo.web.captcha import Captchas

log = structlog.get_logger("tihuo.guard")
TRIES = Counter("tihuo_card_tries_total", "Tries at card passwords, by how they ended", ["outcome"])
ALARMS = Counter("tihuo_guessing_alarms_total", "Limits on guessing that were reached", ["scope"])
# What a page lists of the cards and prefixes that something holds against.
SHOWN = 100
CAPTCHAS_A_MINUTE = 60
_TAIL = 4
_LONGEST = 64
_PATIENCE = 5.0
_DEVICE = re.compile(r"[A-Za-z0-9_-]{16,64}")

# One failure, counted for all that it concerns. Windows begin with the first failure. The sets hold no more than is
# needed to know that there are many. Answers card, address and numbers of the address as they now stand, then for
# address, prefix and merchant the failures if their limit was reached just now, else 0.
_FAILED = """
local window, now = tonumber(ARGV[1]), tonumber(redis.call('TIME')[1])
local function bump(key)
  local count = redis.call('INCR', key)
  if count == 1 then redis.call('EXPIRE', key, window) end
  return count
end
local function grown(set, member, limit)
  local known = redis.call('SCARD', set)
  if known >= limit or redis.call('SADD', set, member) == 0 then return known, false end
  if known == 0 then redis.call('EXPIRE', set, window) end
  return known + 1, true
end
local function list(set, member, ends)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', now)
  redis.call('ZADD', set, ends, member)
  redis.call('EXPIRE', set, window)
end
local card, address = bump(KEYS[1]), bump(KEYS[2])
if card >= tonumber(ARGV[5]) then list(KEYS[11], ARGV[2], now + redis.call('TTL', KEYS[1])) end
local numbers, new = grown(KEYS[4], ARGV[3], tonumber(ARGV[7]))
if new then
  redis.call('INCR', KEYS[3])
  if numbers == 1 then redis.call('EXPIRE', KEYS[3], window) end
end
local too_many = address == tonumber(ARGV[6]) or (new and numbers == tonumber(ARGV[7]))
local merchant = bump(KEYS[5])
local attacked = merchant >= tonumber(ARGV[8]) and redis.call('SET', KEYS[6], 1, 'NX', 'EX', window)
local prefix = bump(KEYS[7])
local sources = grown(KEYS[8], ARGV[4], tonumber(ARGV[10]))
local swept = prefix >= tonumber(ARGV[9]) and sources >= tonumber(ARGV[10])
  and redis.call('SET', KEYS[9], 1, 'NX', 'EX', window)
if swept then list(KEYS[10], ARGV[11], now + window) end
if KEYS[12] then bump(KEYS[12]) end
return {card, address, numbers, too_many and address or 0, swept and prefix or 0, attacked and merchant or 0}
"""
_ONE_MORE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""


class Alarm(NamedTuple):
    """A limit that was reached just now. `scope`: card, address, prefix or merchant; `subject`: which of them."""

    scope: str
    subject: str
    failures: int


class Answer(NamedTuple):
    """A captcha and what the customer read in it."""

    id: str
    answer: str


@dataclass(frozen=True)
class Attempt:
    """Who tries which card: `source` is a network (`network_of`) or a staff account; `device` a hint, or None."""

    slug: str
    number: str
    source: str
    device: str | None
    by_staff: bool

    @classmethod
    def of_customer(cls, slug: str, number: str, network: str, device: str | None) -> "Attempt":
        """A customer's. A device that is no name of one is as good as none: it could only add restrictions."""
        known = device if device and _DEVICE.fullmatch(device) else None
        return cls(slug.lower(), folded(number), network, known, False)

    @classmethod
    def of_staff(cls, slug: str, number: str, staff_id: int) -> "Attempt":
        """An account's, at the counter or on the phone: counted as its own, whatever its address."""
        return cls(slug.lower(), folded(number), f"staff:{staff_id}", None, True)

    @property
    def prefix(self) -> str:
        """What the numbers of one batch have in common, more or less."""
        return self.number[:-_TAIL]


class Held(NamedTuple):
    """A card that its failures are held against, or a prefix under alarm. `retry_after`: seconds till that ends."""

    name: str
    failures: int
    retry_after: int


@dataclass(frozen=True)
class Standing:
    """How it stands at a merchant now."""

    cards: list[Held]
    prefixes: list[Held]
    attacked: bool
    failures: int


class _Seen(NamedTuple):
    card: int
    address: int
    numbers: int
    merchant_alarm: int
    prefix_alarm: int
    blocked: int
    device: int = 0


class Guard:
    """Lets tries at cards through, or says what stands against them."""

    def __init__(self, redis: Redis, captchas: Captchas, settings: Settings) -> None:
        self._redis = redis
        self._captchas = captchas
        self._settings = settings
        self._failed = redis.register_script(_FAILED)
        self._one_more = redis.register_script(_ONE_MORE)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._gates: WeakValueDictionary[str, _Gate] = WeakValueDictionary()

    @asynccontextmanager
    async def watching(self, attempt: Attempt, captcha: Answer | None) -> AsyncIterator["Watched"]:
        """Let one try through; whoever looks at the password then says `wrong` or `right`.

        A captcha that was asked for is used up by the try, right or wrong. Raises AddressBlocked, TooManyTries,
        CaptchaNeeded, CaptchaWrong, and ServiceBusy when nobody can say how the counts are.
        """
        turn = self._turns.setdefault(f"{attempt.slug}:{attempt.number}", asyncio.Lock())
        async with turn:
            gate = self._gates.setdefault(attempt.source, _Gate(self._left(0, 0)))
            await gate.enter()
            try:
                seen = await self._look(attempt)
                while not gate.admits(self._left(seen.address, seen.numbers)):
                    await gate.wait()
                    seen = await self._look(attempt)
                await self._judge(attempt, seen, captcha)
                yield Watched(self, attempt, gate, seen.card)
            finally:
                await gate.leave()

    def _left(self, failures: int, numbers: int) -> int:
        settings = self._settings
        return min(settings.tries_per_address - failures, settings.numbers_per_address - numbers)

    async def _look(self, attempt: Attempt) -> _Seen:
        keys = [
            _card(attempt.slug, attempt.number),
            _address(attempt.source),
            _numbers(attempt.source),
            _alarm(attempt.slug),
            _prefix_alarm(attempt.slug, attempt.prefix),
            _block(attempt.slug, attempt.source),
        ]
        if attempt.device:
            keys.append(_device(attempt.device))
        async with self._asked():
            return _Seen(*(int(value or 0) for value in await self._redis.mget(keys)))

    async def _judge(self, attempt: Attempt, seen: _Seen, captcha: Answer | None) -> None:
        settings = self._settings
        if seen.blocked:
            TRIES.labels("blocked").inc()
            raise AddressBlocked()
        limits = {
            _card(attempt.slug, attempt.number): (seen.card, settings.tries_per_card),
            _address(attempt.source): (seen.address, settings.tries_per_address),
            _numbers(attempt.source): (seen.numbers, settings.numbers_per_address),
            _device(attempt.device or ""): (seen.device, settings.tries_per_device),
        }
        if reached := [key for key, (count, limit) in limits.items() if count >= limit]:
            TRIES.labels("paused").inc()
            raise TooManyTries(max([await self._ends_in(key) for key in reached]))
        suspicious = max(seen.card, seen.address, seen.device) >= settings.captcha_after
        if attempt.by_staff or not (suspicious or seen.merchant_alarm or seen.prefix_alarm):
            return
        if captcha is None:
            TRIES.labels("captcha").inc()
            raise CaptchaNeeded()
        async with self._asked():
            passed = await self._captchas.passes(captcha.id, captcha.answer)
        if not passed:
            TRIES.labels("captcha").inc()
            raise CaptchaWrong()

    async def _ends_in(self, key: str) -> int:
        """Seconds until a count is forgotten, at least one."""
        async with self._asked():
            return max(1, -(-int(await self._redis.pttl(key)) // 1000))

    async def count(self, attempt: Attempt) -> tuple[int, list[Alarm]]:
        """Count a failure; answers how many the source has left, and which limits it reached. Raises ServiceBusy."""
        settings, slug = self._settings, attempt.slug
        keys = [
            _card(slug, attempt.number),
            _address(attempt.source),
            _numbers(attempt.source),
            f"guess:tried:{attempt.source}",
            _merchant(slug),
            _alarm(slug),
            _prefix(slug, attempt.prefix),
            f"guess:sources:{slug}:{attempt.prefix}",
            _prefix_alarm(slug, attempt.prefix),
            _alarmed(slug),
            _held(slug),
        ]
        if attempt.device:
            keys.append(_device(attempt.device))
        arguments: list[str | int] = [
            settings.tries_window,
            attempt.number,
            f"{slug}:{attempt.number}",
            attempt.source,
            min(settings.captcha_after, settings.tries_per_card),
            settings.tries_per_address,
            settings.numbers_per_address,
            settings.tries_per_merchant,
            settings.tries_per_prefix,
            settings.addresses_per_prefix,
            attempt.prefix,
        ]
        async with self._asked():
            counted = cast("list[int]", await self._failed(keys, arguments))
        card, address, numbers, too_many, swept, attacked = counted
        reached = [
            Alarm("card", attempt.number, card if card == settings.tries_per_card else 0),
            Alarm("address", attempt.source, too_many),
            Alarm("prefix", attempt.prefix, swept),
            Alarm("merchant", "", attacked),
        ]
        alarms = [alarm for alarm in reached if alarm.failures]
        for alarm in alarms:
            ALARMS.labels(alarm.scope).inc()
        return self._left(address, numbers), alarms

    async def unlock(self, slug: str, number: str) -> None:
        """Forget a card's failures. Raises ServiceBusy."""
        async with self._asked():
            await self._forget(slug, folded(number))

    async def clear(self, attempt: Attempt) -> None:
        """Forget a card's failures after the right password; if that can't be done they lapse by themselves."""
        try:
            await self._forget(attempt.slug, attempt.number)
        except (RedisError, OSError) as error:
            log.warning("failures_not_cleared", error=type(error).__name__)

    async def _forget(self, slug: str, number: str) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.delete(_card(slug, number))
            pipe.zrem(_held(slug), number)
            await pipe.execute()

    async def mirror(self, slug: str, network: str, seconds: int) -> None:
        """Have a network blocked at a merchant for so long, or no longer (0). Raises ServiceBusy."""
        async with self._asked():
            if seconds > 0:
                await self._redis.set(_block(slug, network), 1, ex=seconds)
            else:
                await self._redis.delete(_block(slug, network))

    async def captcha(self, network: str) -> tuple[str, str]:
        """A new captcha for a customer: id and picture. Raises TooManyTries, ServiceBusy."""
        async with self._asked():
            made, wait = cast("list[int]", await self._one_more([f"guess:captchas:{network}"], [60]))
            if made > CAPTCHAS_A_MINUTE:
                raise TooManyTries(max(1, wait))
            return await self._captchas.create()

    async def standing(self, slug: str) -> Standing:
        """What is held against whom at a merchant now. Raises ServiceBusy."""
        async with self._asked():
            cards = await self._listed(_held(slug), lambda number: (_card(slug, number),) * 2)
            prefixes = await self._listed(
                _alarmed(slug), lambda prefix: (_prefix(slug, prefix), _prefix_alarm(slug, prefix))
            )
            failures, alarm = await self._redis.mget([_merchant(slug), _alarm(slug)])
        return Standing(cards, prefixes, alarm is not None, int(failures or 0))

    async def _listed(self, key: str, keys_of: Callable[[str], tuple[str, str]]) -> list[Held]:
        """The members of a list that still hold; `keys_of` a member: its count, and what ends when it does."""
        members = [member.decode() for member in cast("list[bytes]", await self._redis.zrevrange(key, 0, SHOWN - 1))]
        async with self._redis.pipeline(transaction=False) as pipe:
            for member in members:
                count, lasting = keys_of(member)
                pipe.get(count)
                pipe.pttl(lasting)
            found = await pipe.execute()
        counts, lives = found[::2], found[1::2]
        return [
            Held(member, int(count or 0), -(-life // 1000))
            for member, count, life in zip(members, counts, lives, strict=True)
            if life > 0
        ]

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[None]:
        """Redis is asked inside; where it doesn't answer nobody is let through. Raises ServiceBusy."""
        try:
            async with asyncio.timeout(_PATIENCE):
                yield
        except (RedisError, OSError) as error:
            TRIES.labels("busy").inc()
            log.warning("tries_not_counted", error=type(error).__name__)
            raise ServiceBusy() from error


class Watched:
    """A try that was let through."""

    def __init__(self, guard: Guard, attempt: Attempt, gate: "_Gate", failures: int) -> None:
        self._guard = guard
        self._attempt = attempt
        self._gate = gate
        self._failures = failures

    async def wrong(self) -> list[Alarm]:
        """Number or password was wrong: count it. Answers the limits that it reached. Raises ServiceBusy."""
        TRIES.labels("wrong").inc()
        left, alarms = await self._guard.count(self._attempt)
        self._gate.admits(left)
        return alarms

    async def right(self) -> None:
        """The password was right: what was counted for the card is forgotten."""
        TRIES.labels("right").inc()
        if self._failures:
            await self._guard.clear(self._attempt)


class _Gate:
    """The tries of one source that are under way in this process: as many at a time as might still fail."""

    def __init__(self, allowed: int) -> None:
        self._inside = 0
        self._most = self._allowed = allowed
        self._changed = asyncio.Condition()

    async def enter(self) -> None:
        async with self._changed:
            try:
                while self._inside >= self._allowed:
                    await self._changed.wait()
            except BaseException:
                # The next one in the queue is to hear it too.
                self._changed.notify()
                raise
            self._inside += 1

    async def leave(self) -> None:
        async with self._changed:
            self._inside -= 1
            self._changed.notify(max(1, self._allowed - self._inside))

    async def wait(self) -> None:
        """Step back until there is room again."""
        await self.leave()
        await self.enter()

    def admits(self, left: int) -> bool:
        """Whether all who are inside may go on with so many tries left. With none left they may: to be refused."""
        self._allowed = left if left > 0 else self._most
        return self._inside <= self._allowed


def folded(number: str) -> str:
    """A card's number as tries at it are counted: as typed, look-alikes as one, no longer than any card's."""
    return unmistakable(number)[:_LONGEST]


def _card(slug: str, number: str) -> str:
    return f"guess:card:{slug}:{number}"


def _address(source: str) -> str:
    return f"guess:address:{source}"


def _numbers(source: str) -> str:
    return f"guess:numbers:{source}"


def _device(device: str) -> str:
    return f"guess:device:{device}"


def _merchant(slug: str) -> str:
    return f"guess:merchant:{slug}"


def _alarm(slug: str) -> str:
    return f"guess:alarm:{slug}"


def _prefix(slug: str, prefix: str) -> str:
    return f"guess:prefix:{slug}:{prefix}"


def _prefix_alarm(slug: str, prefix: str) -> str:
    return f"guess:alarm:{slug}:{prefix}"


def _block(slug: str, network: str) -> str:
    return f"guess:block:{slug}:{network}"


def _held(slug: str) -> str:
    return f"guess:held:{slug}"


def _alarmed(slug: str) -> str:
    return f"guess:alarmed:{slug}"
