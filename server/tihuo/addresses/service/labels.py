"""Labels of a pasted address (收货人：…) and the text that each is for."""

import re
from typing import Literal

Kind = Literal["name", "phone", "area", "address", "dropped"]

_WORDS: dict[Kind, str] = {
    "name": (
        "收货人姓名|收件人姓名|收货联系人|收货人名|收货人|收件人|提货人|联系人|客户姓名|买家姓名|真实姓名|姓名|名字|收件方|收货方|收方|receiver|name"
    ),
    "phone": (
        "收货人手机号|收件人手机号|收货人手机|收件人手机|收货人电话|收件人电话|收货电话|收件电话|手机号码|手机号|联系手机|联系电话|联系方式|"
        "移动电话|固定电话|电话号码|手机|电话|固话|座机|telephone|tel|phone|mobile"
    ),
    "area": (
        "所在地区|所在区域|所在省市|省市区县|省市区|收货地区|收件地区|地区信息|省份|城市|区县|县区|区域|地区|乡镇|街道|省/市/区|区/县|省|市|区|县"
    ),
    "address": (
        "收货人详细地址|收货人地址|收件人地址|收货详细地址|收货地址|收件地址|详细地址|具体地址|街道地址|联系地址|邮寄地址|快递地址|家庭住址|"
        "家庭地址|公司地址|寄送地址|配送地址|详细住址|住址|地址|address|addr"
    ),
    "dropped": (
        "邮政编码|邮编|postcode|zip|收货时间|配送时间|送货时间|买家留言|买家备注|订单备注|备注信息|备注|留言|商品名称|商品|数量|规格|颜色|尺码|订单编号|订单号|快递单号|"
        "身份证号码|身份证号|身份证|卡号|密码"
    ),
}
_KIND_OF: dict[str, Kind] = {word: kind for kind, words in _WORDS.items() for word in words.split("|")}
_ANY = "|".join(sorted(_KIND_OF, key=len, reverse=True))
_LONG = "|".join(sorted((word for word in _KIND_OF if len(word) > 1), key=len, reverse=True))
_BEFORE = r"(?<![\w])"
_LABEL = re.compile(
    # With a colon it may follow anything, unless it is a word that ends other names (…街道：, 南山区：).
    rf"(?:{_BEFORE}(?P<edged>{_ANY})|(?P<glued>收货人|收件人|联系人|姓名|手机号码?|联系电话|电话|详细地址|收货地址|所在地区))"
    r"\s?\]?\)?\s?[:=]\s?"
    rf"|\[\s?(?P<boxed>{_ANY})\s?\]\s?"
    # Without one it begins a word and is told by what follows.
    rf"|{_BEFORE}(?P<spaced>{_LONG})\]?[是为]?(?:[ \n]|(?=[\x01\n]|$))"
    rf"|{_BEFORE}(?P<called>收货人|收件人|联系人|姓名)[是为]?(?=[\u4e00-\u9fff·]{{2,4}}(?:[\s,;\x01]|$))"
    rf"|{_BEFORE}(?P<placed>收货地址|收件地址|详细地址|所在地区|地址)[是为]?(?=[\u4e00-\u9fff])"
    rf"|{_BEFORE}(?P<coded>邮政编码|邮编)(?=[0-9])",
    re.IGNORECASE,
)


def labelled(text: str) -> list[tuple[Kind | None, str]]:
    """The text in stretches, each with the kind of its label, None where there is none.

    A label is good for its line, or for the next one if nothing stands behind it.
    """
    found: list[tuple[Kind | None, str]] = []
    kind: Kind | None = None
    end = 0
    for match in _LABEL.finditer(text):
        _add(found, kind, text[end : match.start()])
        kind = _KIND_OF[next(word for word in match.groupdict().values() if word).lower().replace(" ", "")]
        end = match.end()
    _add(found, kind, text[end:])
    return found


def _add(found: list[tuple[Kind | None, str]], kind: Kind | None, text: str) -> None:
    if kind is None:
        found.append((None, text))
        return
    stripped = text.lstrip()
    line, newline, others = stripped.partition("\n")
    found.append((kind, line))
    if newline:
        found.append((None, others))
