from tihuo.db import Session
from tihuo.merchants import service as merchants
from tihuo.merchants.errors import StorefrontNotFound
from tihuo.merchants.schemas import StorefrontView
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route


class StorefrontHandler(Handler):
    @endpoint(allows="customer", raises=(StorefrontNotFound,))
    async def get(self, session: Session, slug: str) -> StorefrontView:
        """The storefront: name, look, whether it is open."""
        return merchants.view(await merchants.by_slug(session, slug))


routes = [Route("/api/c/{slug}/storefront", StorefrontHandler)]
