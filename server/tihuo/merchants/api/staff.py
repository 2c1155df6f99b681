import asyncio

from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.errors import AppError
from tihuo.merchants import service as merchants
from tihuo.merchants.schemas import (
    PickupIn,
    PickupSettings,
    PictureOut,
    StorefrontAddress,
    StorefrontIn,
    StorefrontSettings,
)
from tihuo.storage import MAX_BYTES, PictureUnreadable, encode, url
from tihuo.web.endpoint import File, RawBody, endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class PictureRefused(AppError):
    status = 422
    message = "{reason}"


class StorefrontHandler(Handler):
    @endpoint(allows="staff")
    async def get(self, session: Session, principal: Principal) -> StorefrontAddress:
        """The storefront's address and whether it is open."""
        shop = await merchants.get(session, principal.merchant_id)
        address = merchants.storefront_url(self.context.settings.origin, shop.slug)
        return StorefrontAddress(url=address, name=shop.name, open=shop.redeeming)


class StorefrontQrPngHandler(Handler):
    @endpoint(allows="staff", media_type="image/png")
    async def get(self, session: Session, principal: Principal) -> File:
        """The storefront's QR code as PNG."""
        shop = await merchants.get(session, principal.merchant_id)
        address = merchants.storefront_url(self.context.settings.origin, shop.slug)
        return File(merchants.qr_png(address), "image/png", _download(self, f"{shop.name}-提货二维码.png"))


class StorefrontQrSvgHandler(Handler):
    @endpoint(allows="staff", media_type="image/svg+xml")
    async def get(self, session: Session, principal: Principal) -> File:
        """The storefront's QR code as SVG, for the printer."""
        shop = await merchants.get(session, principal.merchant_id)
        address = merchants.storefront_url(self.context.settings.origin, shop.slug)
        return File(merchants.qr_svg(address), "image/svg+xml", _download(self, f"{shop.name}-提货二维码.svg"))


def _download(handler: Handler, name: str) -> str | None:
    return name if handler.get_query_argument("download", "") == "1" else None


class StorefrontSettingsHandler(Handler):
    @endpoint(allows="staff", permission="settings")
    async def get(self, session: Session, principal: Principal) -> StorefrontSettings:
        """The storefront's settings."""
        return await merchants.storefront_settings(session, principal.merchant_id)

    @endpoint(allows="staff", permission="settings")
    async def put(self, session: Session, principal: Principal, body: StorefrontIn) -> StorefrontSettings:
        """Save the storefront's settings."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await merchants.change_storefront(session, principal.merchant_id, body, actor)


class PickupSettingsHandler(Handler):
    @endpoint(allows="staff", permission="settings")
    async def get(self, session: Session, principal: Principal) -> PickupSettings:
        """Whether and how customers redeem."""
        return await merchants.pickup_settings(session, principal.merchant_id)

    @endpoint(allows="staff", permission="settings")
    async def put(self, session: Session, principal: Principal, body: PickupIn) -> PickupSettings:
        """Save whether and how customers redeem."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await merchants.change_pickup(session, principal.merchant_id, body, actor)


class PicturesHandler(Handler):
    @endpoint(allows="staff", status=201, raises=(PictureRefused,), max_bytes=MAX_BYTES)
    async def post(self, principal: Principal, raw: RawBody) -> PictureOut:
        """Upload a picture (JPEG, PNG, WebP, up to 10 MB); it is encoded anew."""
        try:
            picture = await asyncio.to_thread(encode, bytes(raw))
        except PictureUnreadable as reason:
            raise PictureRefused(reason=str(reason)) from None
        key = f"{principal.merchant_id}/{picture.name}"
        await self.context.store.put(key, picture.content)
        return PictureOut(key=key, url=url(key) or "", width=picture.width, height=picture.height)


routes = [
    Route("/api/m/storefront", StorefrontHandler),
    Route("/api/m/storefront/qr.png", StorefrontQrPngHandler),
    Route("/api/m/storefront/qr.svg", StorefrontQrSvgHandler),
    Route("/api/m/settings/storefront", StorefrontSettingsHandler),
    Route("/api/m/settings/pickup", PickupSettingsHandler),
    Route("/api/m/pictures", PicturesHandler),
]
