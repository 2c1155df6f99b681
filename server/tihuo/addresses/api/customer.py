from tihuo.addresses import service as addresses
from tihuo.addresses.schemas import SplitAddress, SplitIn
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route


class SplitHandler(Handler):
    @endpoint(allows="customer", writes=False)
    async def post(self, slug: str, body: SplitIn) -> SplitAddress:
        """Split a pasted address into receiver, mobile, region and street. Nothing of it is kept."""
        return addresses.split(body.text)


routes = [Route("/api/c/{slug}/addresses/split", SplitHandler)]
