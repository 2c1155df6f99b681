from tihuo.appointments import service as appointments
from tihuo.appointments.schemas import DaysQuery, DaysView
from tihuo.db import Session
from tihuo.merchants import service as merchants
from tihuo.merchants.errors import StorefrontNotFound
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route


class DaysHandler(Handler):
    @endpoint(allows="customer", raises=(StorefrontNotFound,))
    async def get(self, session: Session, slug: str, query: DaysQuery) -> DaysView:
        """The days on which a product can be shipped, and the nearest that is free."""
        shop = await merchants.by_slug(session, slug)
        return await appointments.days(session, shop, product_id=query.product_id, region_code=query.region_code)


routes = [Route("/api/c/{slug}/days", DaysHandler)]
