from tihuo.audit.service import Actor
from tihuo.catalog import service as catalog
from tihuo.catalog.errors import ProductNameTaken, ProductNotFound
from tihuo.catalog.schemas import Product, ProductIn, ProductPage, ProductQuery, ShelfIn
from tihuo.db import Session
from tihuo.web.endpoint import endpoint
from tihuo.web.handler import Handler
from tihuo.web.routes import Route
from tihuo.web.sessions import Principal


class ProductsHandler(Handler):
    @endpoint(allows="staff")
    async def get(self, session: Session, principal: Principal, query: ProductQuery) -> ProductPage:
        """Products, newest first."""
        return await catalog.list_page(session, principal.merchant_id, query)

    @endpoint(allows="staff", permission="products", status=201, raises=(ProductNameTaken,))
    async def post(self, session: Session, principal: Principal, body: ProductIn) -> Product:
        """Add a product; its name is enough."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await catalog.create(session, principal.merchant_id, body, actor)


class ProductHandler(Handler):
    @endpoint(allows="staff", raises=(ProductNotFound,))
    async def get(self, session: Session, principal: Principal, product_id: int) -> Product:
        """One product."""
        return await catalog.get(session, principal.merchant_id, product_id)

    @endpoint(allows="staff", permission="products", raises=(ProductNotFound, ProductNameTaken))
    async def put(self, session: Session, principal: Principal, product_id: int, body: ProductIn) -> Product:
        """Change a product."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await catalog.change(session, principal.merchant_id, product_id, body, actor)


class ShelfHandler(Handler):
    @endpoint(allows="staff", permission="products", raises=(ProductNotFound,))
    async def put(self, session: Session, principal: Principal, product_id: int, body: ShelfIn) -> Product:
        """Put a product on the shelf or take it off."""
        actor = Actor(principal.staff_id, principal.name, self.address)
        return await catalog.put_on_shelf(session, principal.merchant_id, product_id, body.on_shelf, actor)


routes = [
    Route("/api/m/products", ProductsHandler),
    Route("/api/m/products/{product_id}", ProductHandler),
    Route("/api/m/products/{product_id}/shelf", ShelfHandler),
]
