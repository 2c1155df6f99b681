"""The demo merchant, from the manual's own example: apples, peaches and a box of both."""

import io
import json
import secrets
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from tihuo import app as apps
from tihuo.audit.service import Actor
from tihuo.cards import service as cards
from tihuo.cards.schemas import BatchIn, CardFilter
from tihuo.catalog import service as catalog
from tihuo.catalog.schemas import ProductIn, ProductQuery
from tihuo.db import Session
from tihuo.jobs.runner import Runner
from tihuo.merchants import service as merchants
from tihuo.merchants.errors import StorefrontNotFound
from tihuo.merchants.schemas import MerchantIn, PickupIn, StorefrontIn
from tihuo.merchants.service import Shop
from tihuo.settings import Settings
from tihuo.staff import service as staff
from tihuo.staff.schemas import StaffChange, StaffNew
from tihuo.storage import encode
from tihuo.web.context import Context

SLUG = "demo"
ACCOUNT = "demo"
_HOST = Actor(None, "演示", "command line")
_APPLE = {"skin": (206, 44, 40), "light": (240, 110, 84), "leaf": (86, 140, 60), "ground": (253, 243, 236)}
_PEACH = {
    "skin": (246, 150, 130),
    "light": (255, 208, 178),
    "leaf": (110, 160, 80),
    "ground": (255, 246, 240),
}


async def prepare(settings: Settings) -> dict[str, Any]:
    """Make the demo merchant unless it is there; answers, and writes to demo.json, how to use it."""
    app = apps.build(settings)
    path = settings.data_dir / "demo.json"
    try:
        before = json.loads(path.read_text("utf-8")) if path.exists() else {}
        password = before.get("staff", {}).get("password")
        run = app.context.unit_of_work.run
        try:
            shop = await run(lambda session: merchants.by_slug(session, SLUG), writes=False)
        except StorefrontNotFound:
            password = _new_password()
            shop = await _create(app.context, password)
        else:
            if password is None:
                password = _new_password()
                await run(lambda session: _reset(session, shop.id, password))
        found = {
            "storefront": merchants.storefront_url(settings.origin, SLUG),
            "admin": f"{settings.origin}/admin/",
            "staff": {"account": ACCOUNT, "password": password},
            "cards": await _three_cards(app.context, shop),
        }
    finally:
        await app.close()
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    path.chmod(0o600)
    return found


def _new_password() -> str:
    return f"demo{secrets.randbelow(9000) + 1000}{secrets.token_hex(3)}"


async def _create(context: Context, password: str) -> Shop:
    keys: dict[str, bytes] = {}
    merchant = MerchantIn(slug=SLUG, name="果园提货演示")
    owner = StaffNew(account=ACCOUNT, name="店主", mobile="13800000000", password=password)

    async def work(session: Session) -> Shop:
        merchant_id = await merchants.create(session, merchant, context.settings.timezone, _HOST)
        account = await staff.create(session, merchant_id, owner, _HOST, is_owner=True)
        actor = Actor(account.id, account.name, "command line")
        products = []
        for name, contents, detail, picture in _products():
            encoded = encode(picture)
            key = f"{merchant_id}/{encoded.name}"
            keys[key] = encoded.content
            body = ProductIn(name=name, picture_keys=[key], contents=contents, detail_html=detail)
            products.append(await catalog.create(session, merchant_id, body, actor))
        storefront = StorefrontIn(
            name="果园鲜礼 · 提货中心",
            theme_color=merchants.DEFAULT_COLOR,
            welcome="输入卡号和密码，选一份鲜果礼，我们送到家。",
            contact_phone="400-000-0000",
        )
        await merchants.change_storefront(session, merchant_id, storefront, actor)
        await merchants.change_pickup(session, merchant_id, PickupIn(open=True), actor)
        await _make(session, merchant_id, [product.id for product in products])
        return await merchants.get(session, merchant_id)

    shop = await context.unit_of_work.run(work)
    for key, content in keys.items():
        await context.store.put(key, content)
    return shop


async def _make(session: Session, merchant_id: int, product_ids: list[int]) -> None:
    body = BatchIn(
        name="388 卡",
        prefix="A588",
        number_length=8,
        quantity=20,
        status="active",
        product_ids=product_ids,
        face_value_fen=38800,
        remark="演示用卡",
    )
    await cards.make_batch(session, merchant_id, body, secrets.token_hex(16), _HOST)


async def _reset(session: Session, merchant_id: int, password: str) -> None:
    for account in await staff.list_all(session, merchant_id):
        if account.is_owner:
            actor = Actor(account.id, account.name, "command line")
            change = StaffChange(
                name=account.name, mobile=account.mobile, restrictions=[], disabled=False, password=password
            )
            await staff.change(session, merchant_id, account.id, change, actor)


async def _three_cards(context: Context, shop: Shop) -> list[dict[str, str]]:
    """Three cards that can be redeemed; more are made if there are fewer."""
    run = context.unit_of_work.run
    jobs = Runner(context.unit_of_work, context.redis, apps.kinds(context))
    await jobs.drain()
    found = await _redeemable(context, shop)
    if len(found) < 3:
        shelf = await run(lambda session: catalog.list_page(session, shop.id, ProductQuery(shelf="on")), writes=False)
        await run(lambda session: _make(session, shop.id, [product.id for product in shelf.items]))
        await jobs.drain()
        found = await _redeemable(context, shop)
    return found[:3]


async def _redeemable(context: Context, shop: Shop) -> list[dict[str, str]]:
    wanted = CardFilter(status="active", redeemed=False)
    rows = await cards.printed(context.unit_of_work, context.vault, shop.id, wanted, context.settings.origin)
    return [{"number": str(number), "password": str(password)} for _, number, password in rows]


def _products() -> list[tuple[str, list[str], str, bytes]]:
    return [
        (
            "苹果",
            ["红富士苹果 5 斤（约 12 个）"],
            "<p>高原红富士，脆甜多汁，冷链直发。</p><p>收到后请放在阴凉处，七天内食用最佳。</p>",
            _picture([(300, 320, 190, _APPLE)]),
        ),
        (
            "桃子",
            ["水蜜桃 5 斤（约 10 个）"],
            "<p>当季水蜜桃，皮薄汁多，八成熟采摘。</p><p>变软后冷藏，三天内食用最佳。</p>",
            _picture([(300, 320, 190, _PEACH)]),
        ),
        (
            "苹果桃子礼盒",
            ["红富士苹果 3 斤", "水蜜桃 3 斤", "礼盒与手写贺卡一份"],
            "<p>苹果与桃子各一半，礼盒装，送人体面。</p>",
            _picture([(200, 330, 140, _APPLE), (400, 330, 140, _PEACH)]),
        ),
    ]


def _picture(fruits: list[tuple[int, int, int, dict[str, tuple[int, int, int]]]]) -> bytes:
    """A plain drawing, so that the demo needs no photograph of anybody's."""

    scale = 2
    image = Image.new("RGB", (600 * scale, 600 * scale), fruits[0][3]["ground"])
    for x, y, radius, colors in fruits:
        _fruit(image, x * scale, y * scale, radius * scale, colors)
    out = io.BytesIO()
    image.resize((800, 800), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def _fruit(image: Image.Image, x: int, y: int, radius: int, colors: dict[str, tuple[int, int, int]]) -> None:
    shade = Image.new("L", image.size, 0)
    ImageDraw.Draw(shade).ellipse((x - radius, y + radius * 0.8, x + radius, y + radius * 1.2), fill=70)
    image.paste((120, 90, 70), mask=shade.filter(ImageFilter.GaussianBlur(radius // 8)))
    body = Image.new("L", image.size, 0)
    lobes = ImageDraw.Draw(body)
    lobes.ellipse((x - radius, y - radius * 0.9, x + radius * 0.5, y + radius * 0.94), fill=255)
    lobes.ellipse((x - radius * 0.5, y - radius * 0.9, x + radius, y + radius * 0.94), fill=255)
    image.paste(colors["skin"], mask=body)
    glow = Image.new("L", image.size, 0)
    ImageDraw.Draw(glow).ellipse((x - radius * 0.75, y - radius * 0.6, x + radius * 0.05, y + radius * 0.2), fill=200)
    lit = glow.filter(ImageFilter.GaussianBlur(radius // 4))
    image.paste(colors["light"], mask=Image.composite(lit, Image.new("L", image.size, 0), body))
    draw = ImageDraw.Draw(image)
    draw.line((x, y - radius * 0.75, x + radius * 0.12, y - radius * 1.15), fill=(110, 78, 52), width=radius // 12)
    leaf = (x + radius * 0.1, y - radius * 1.2, x + radius * 0.75, y - radius * 0.9)
    draw.ellipse(leaf, fill=colors["leaf"])
