from tihuo.appointments import service as appointments
from tihuo.appointments.schemas import DaysView, FiguresList, FiguresQuery, PreviewIn, Rule
from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.merchants import service as merchants
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class RuleHandler(Handler):
    @endpoint(allows="staff", permission="settings")
    async def get(self, session: Session, principal: Principal) -> Rule:
        """Which days customers may choose."""
        return await appointments.rule(session, principal.merchant_id)

    @endpoint(allows="staff", permission="settings")
    async def put(self, session: Session, principal: Principal, body: Rule) -> Rule:
        """Save which days customers may choose."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await appointments.change_rule(session, principal.merchant_id, body, actor)


class PreviewHandler(Handler):
    @endpoint(allows="staff", permission="settings", writes=False)
    async def post(self, session: Session, principal: Principal, body: PreviewIn) -> DaysView:
        """The days as customers would see them under a rule that is not saved."""
        shop = await merchants.get(session, principal.merchant_id)
        return await appointments.preview(session, shop, body.rule, body.product_id, body.region_code)


class FiguresHandler(Handler):
    @endpoint(allows="staff", permission="orders")
    async def get(self, session: Session, principal: Principal, query: FiguresQuery) -> FiguresList:
        """How many orders are to be shipped on each day, with the quotas."""
        return FiguresList(items=await appointments.figures(session, principal.merchant_id, query.first, query.last))


routes = [
    Route("/api/m/settings/appointments", RuleHandler),
    Route("/api/m/settings/appointments/preview", PreviewHandler),
    Route("/api/m/appointments", FiguresHandler),
]
