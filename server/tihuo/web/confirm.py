"""Asking for the account's password again, before what can't be taken back or shows secrets."""

from tihuo.errors import PasswordAsked, PasswordWrong
from tihuo.vault import staff_passwords
from tihuo.web.address import network_of
from tihuo.web.handler import Handler
from tihuo.web.sessions import Principal


async def confirm_password(handler: Handler, principal: Principal, password: str | None) -> None:
    """Return if `password` is the account's own. Raises PasswordAsked, PasswordWrong, TooManyTries."""
    if not password:
        raise PasswordAsked()
    context = handler.context
    stored = await context.password_of(principal.staff_id)
    async with context.tries.watch(
        PasswordWrong,
        f"confirming:{principal.staff_id}",
        f"confirming-from:{network_of(handler.address)}",
        per_subject=context.settings.tries_per_account,
        per_address=context.settings.tries_per_address,
    ):
        if not await staff_passwords.matches(password, stored):
            raise PasswordWrong()
