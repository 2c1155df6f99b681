"""A card's code through the camera and from a photo, read by the H5's own decoder: Chromium on Linux has none."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import qrcode
from PIL import Image, ImageEnhance, ImageFilter
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.conftest import FLAGS, PUBLIC_URL, Site, Watch
from tests.e2e.steps import desk_of, phone_of, ready_shop
from tests.services.chromium import chromium_path

NUMBER = "A58800000042"
Spoil = Callable[[Image.Image], Image.Image]


def code(content: str, module: int = 8) -> Image.Image:
    made = qrcode.QRCode(box_size=module, border=4)
    made.add_data(content)
    drawn = made.make_image()
    return drawn.get_image().convert("L")


def on_a_table(picture: Image.Image, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """The code as a part of a photo, on a grey ground that gets darker to one side."""
    ground = Image.linear_gradient("L").resize(size).point(lambda value: 90 + value // 4)
    left, top = (size[0] - picture.width) // 2, (size[1] - picture.height) // 2
    ground.paste(picture, (left, top))
    return ground


def tilted(picture: Image.Image) -> Image.Image:
    """Seen from the side: the upper edge is farther away."""
    width, height = picture.size
    inset = width // 20
    corners = (-inset, 0, 0, height, width, height, width + inset, 0)
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)


PHOTOS: dict[str, Spoil] = {
    "straight": lambda picture: picture,
    "upside down": lambda picture: picture.rotate(180),
    "turned by 30°": lambda picture: picture.rotate(30, Image.Resampling.BICUBIC, expand=True, fillcolor=255),
    "turned by 117°": lambda picture: picture.rotate(117, Image.Resampling.BICUBIC, expand=True, fillcolor=255),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(2.5)),
    "turned and blurred": lambda picture: picture.rotate(
        12, Image.Resampling.BICUBIC, expand=True, fillcolor=255
    ).filter(ImageFilter.GaussianBlur(2)),
    "from the side": tilted,
    "faint": lambda picture: ImageEnhance.Contrast(picture).enhance(0.35),
    "small": lambda picture: picture.resize((130, 130), Image.Resampling.BICUBIC),
}


@pytest.fixture(scope="module")
def shop(chromium: Playwright, site: Site) -> Site:
    """The storefront is open."""
    browser = chromium.chromium.launch(executable_path=chromium_path(), args=FLAGS)
    ready_shop(desk_of(browser, Watch()), site, 1)
    browser.close()
    return site


def begin(page: Page, shop: Site) -> None:
    page.goto(f"{shop.url}/c/{shop.slug}")
    page.get_by_role("button", name="扫码").click()
    expect(page.get_by_role("dialog", name="扫卡上的二维码")).to_be_visible()


def read_photo(page: Page, picture: Image.Image, path: Path) -> None:
    picture.convert("RGB").save(path, quality=70)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="用照片识别").click()
    chooser.value.set_files(path)


def test_photos(browser: Browser, shop: Site, watch: Watch, tmp_path: Path) -> None:
    """Every one of them; what was not read is named."""
    unread = []
    for name, spoil in PHOTOS.items():
        page = phone_of(browser, watch)
        begin(page, shop)
        link = f"{PUBLIC_URL}/c/{shop.slug}/{NUMBER}"
        read_photo(page, on_a_table(spoil(code(link))), tmp_path / "photo.jpg")
        # Either the dialog closes, or it says that it found nothing.
        expect(page.get_by_role("dialog").filter(has_not_text="没有找到二维码")).to_have_count(0)
        if page.get_by_role("dialog").count() > 0 or page.get_by_label("卡号").input_value() != NUMBER:
            unread.append(name)
        page.context.close()
    assert unread == []


def test_what_a_photo_may_show_instead(browser: Browser, shop: Site, watch: Watch, tmp_path: Path) -> None:
    page = phone_of(browser, watch)
    begin(page, shop)
    hint = page.get_by_role("dialog").get_by_role("status")
    read_photo(page, Image.effect_noise((600, 600), 60), tmp_path / "noise.jpg")
    expect(hint).to_have_text(re.compile("照片里没有找到二维码"))
    read_photo(page, on_a_table(code("https://example.com/")), tmp_path / "other.jpg")
    expect(hint).to_have_text(re.compile("这不是提货卡的二维码"))
    read_photo(page, on_a_table(code(f"{PUBLIC_URL}/c/another-shop/{NUMBER}")), tmp_path / "shop.jpg")
    expect(hint).to_have_text(re.compile("这张卡不是本店的"))
    (tmp_path / "text.jpg").write_text("no picture")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="用照片识别").click()
    chooser.value.set_files(tmp_path / "text.jpg")
    expect(hint).to_have_text(re.compile("这个文件不能识别"))


def film(picture: Image.Image, path: Path) -> Path:
    """What Chromium's false camera shows: one picture, over and over, as uncompressed YUV."""
    frame = picture.resize((640, 480)).convert("L").tobytes()
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for _ in range(10):
            file.write(b"FRAME\n" + frame + bytes([128]) * (640 * 480 // 2))
    return path


def test_the_camera(chromium: Playwright, shop: Site, watch: Watch, tmp_path: Path) -> None:
    link = f"{PUBLIC_URL}/c/{shop.slug}/{NUMBER}"
    seen = film(on_a_table(PHOTOS["turned by 30°"](code(link, 6)), (640, 480)), tmp_path / "camera.y4m")
    false_camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={seen}"]
    browser = chromium.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, *false_camera])
    context = browser.new_context(locale="zh-CN", permissions=["camera"])
    page = watch.on(context.new_page())
    page.goto(f"{shop.url}/c/{shop.slug}")
    # The dialog may be gone again before anybody saw it.
    page.get_by_role("button", name="扫码").click()
    expect(page.get_by_label("卡号")).to_have_value(NUMBER)
    assert page.evaluate("'BarcodeDetector' in window") is False
    browser.close()


def test_a_camera_that_is_refused(chromium: Playwright, shop: Site, watch: Watch) -> None:
    """Said how to allow it, and what to do instead."""
    browser = chromium.chromium.launch(
        executable_path=chromium_path(),
        args=[*FLAGS, "--use-fake-device-for-media-stream", "--deny-permission-prompts"],
    )
    page = watch.on(browser.new_context(locale="zh-CN").new_page())
    begin(page, shop)
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text(re.compile("请在浏览器的网站设置里允许"))
    expect(page.get_by_role("button", name="重新打开摄像头")).to_be_visible()
    expect(page.get_by_role("button", name="用照片识别")).to_be_visible()
    browser.close()
