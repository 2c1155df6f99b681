from tihuo.audit.service import Actor
from tihuo.db import Session
from tihuo.distributors import service as distributors
from tihuo.distributors.errors import DistributorNameTaken, DistributorNotFound
from tihuo.distributors.schemas import Distributor, DistributorIn, DistributorList
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class DistributorsHandler(Handler):
    @endpoint(allows="staff", permission="cards")
    async def get(self, session: Session, principal: Principal) -> DistributorList:
        """All distributors, oldest first."""
        return DistributorList(items=await distributors.list_all(session, principal.merchant_id))

    @endpoint(allows="staff", permission="cards", status=201, raises=(DistributorNameTaken,))
    async def post(self, session: Session, principal: Principal, body: DistributorIn) -> Distributor:
        """Add a distributor."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await distributors.create(session, principal.merchant_id, body, actor)


class DistributorHandler(Handler):
    @endpoint(allows="staff", permission="cards", raises=(DistributorNotFound, DistributorNameTaken))
    async def put(
        self, session: Session, principal: Principal, distributor_id: int, body: DistributorIn
    ) -> Distributor:
        """Change a distributor."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await distributors.change(session, principal.merchant_id, distributor_id, body, actor)


routes = [
    Route("/api/m/distributors", DistributorsHandler),
    Route("/api/m/distributors/{distributor_id}", DistributorHandler),
]
