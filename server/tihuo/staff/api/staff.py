from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.errors import CaptchaWrong, NotSignedIn, TooManyTries
from tihuo.staff import service as staff
from tihuo.staff.errors import (
    AccountTaken,
    BeyondOwnPermissions,
    OwnerProtected,
    SignInFailed,
    StaffNotFound,
)
from tihuo.staff.schemas import CaptchaOut, Me, SignInIn, Staff, StaffChange, StaffList, StaffNew
from tihuo.vault import staff_passwords
from tihuo.web.address import network_of
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import COOKIE, LIFETIME, Principal


class CaptchasHandler(Handler):
    @endpoint(allows="anyone", status=201)
    async def post(self) -> CaptchaOut:
        """A new image captcha; it lives three minutes and serves once."""
        captcha_id, image = await self.context.captchas.create()
        return CaptchaOut(id=captcha_id, image=image)


class SessionsHandler(Handler):
    @endpoint(allows="anyone", status=201, raises=(CaptchaWrong, SignInFailed, TooManyTries))
    async def post(self, body: SignInIn) -> Me:
        """Sign in: account, password, captcha."""
        self.refuse_foreign()
        context = self.context
        if not await context.captchas.passes(body.captcha_id, body.captcha_answer):
            raise CaptchaWrong()
        found = await context.unit_of_work.run(lambda session: staff.candidate(session, body.account), writes=False)
        async with context.tries.watch(
            SignInFailed,
            f"account:{body.account.lower()}",
            f"signing-in:{network_of(self.address)}",
            per_subject=context.settings.tries_per_account,
            per_address=context.settings.tries_per_address,
        ):
            right = await staff_passwords.matches(body.password, found.password_hash if found else None)
            if found is None or not right:
                raise SignInFailed()
        account = found
        me = await context.unit_of_work.run(
            lambda session: staff.signed_in(session, account, self.address, context.settings.origin)
        )
        self.set_cookie(
            COOKIE,
            await context.sessions.open(account.id),
            httponly=True,
            samesite="Lax",
            secure=context.settings.origin.startswith("https://"),
            max_age=LIFETIME,
        )
        return me


class SessionHandler(Handler):
    @endpoint(allows="staff")
    async def get(self, session: Session, principal: Principal) -> Me:
        """Who is signed in."""
        try:
            return await staff.me(session, principal.staff_id, self.context.settings.origin)
        except StaffNotFound:
            raise NotSignedIn() from None

    @endpoint(allows="staff", status=204)
    async def delete(self, principal: Principal) -> None:
        """Sign out."""
        token = self.get_cookie(COOKIE) or ""
        await self.context.sessions.close(token)
        await self.context.live.end(token=token)
        self.clear_cookie(COOKIE)


class StaffListHandler(Handler):
    @endpoint(allows="staff", permission="staff")
    async def get(self, session: Session, principal: Principal) -> StaffList:
        """All accounts."""
        return StaffList(items=await staff.list_all(session, principal.merchant_id))

    @endpoint(allows="staff", permission="staff", status=201, raises=(AccountTaken, BeyondOwnPermissions))
    async def post(self, session: Session, principal: Principal, body: StaffNew) -> Staff:
        """Add an account."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await staff.create(session, principal.merchant_id, body, actor)


class StaffHandler(Handler):
    @endpoint(
        allows="staff",
        permission="staff",
        raises=(StaffNotFound, OwnerProtected, BeyondOwnPermissions),
    )
    async def put(self, principal: Principal, staff_id: int, body: StaffChange) -> Staff:
        """Change an account; a disabled one, or one with a new password, is signed out everywhere at once."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        changed = await self.context.unit_of_work.run(
            lambda session: staff.change(session, principal.merchant_id, staff_id, body, actor)
        )
        if body.disabled or body.password is not None:
            own = self.get_cookie(COOKIE) if staff_id == principal.staff_id else None
            await self.context.sessions.close_all(staff_id, but=own)
        if staff_id != principal.staff_id:
            await self.context.live.end(staff_id=staff_id)
        return changed


routes = [
    Route("/api/m/captchas", CaptchasHandler),
    Route("/api/m/sessions", SessionsHandler),
    Route("/api/m/session", SessionHandler),
    Route("/api/m/staff", StaffListHandler),
    Route("/api/m/staff/{staff_id}", StaffHandler),
]
