"""Pydantic's findings in Chinese, with the field's own label."""

import pytest
from pydantic import Field

from tihuo.errors import InvalidRequest
from tihuo.shapes import In, Line, Mobile, compact
from tihuo.web.validation import parse


class Inner(In):
    mobile: Mobile = Field(title="手机号")


class Outer(In):
    name: Line = Field(title="姓名", min_length=1, max_length=5)
    people: list[Inner] = Field(default_factory=list, title="收件人", max_length=2)
    count: int = Field(1, title="数量", ge=1, le=9)


@pytest.mark.parametrize(
    ("raw", "field", "message"),
    [
        ({}, "name", "请填写姓名"),
        ({"name": ""}, "name", "请填写姓名"),
        ({"name": "一二三四五六"}, "name", "姓名最多 5 个字"),
        ({"name": "a\nb"}, "name", "姓名：不能含有换行或控制字符"),
        ({"name": "张", "count": 10}, "count", "数量不能大于 9"),
        ({"name": "张", "count": "x"}, "count", "数量须为整数"),
        ({"name": "张", "people": [{"mobile": "1"}]}, "people.0.mobile", "手机号：请填写 11 位手机号"),
        ({"name": "张", "people": [{}] * 3}, "people", "收件人最多 2 项"),
        ({"name": "张", "nmae": "x"}, "nmae", "不认识的字段 nmae"),
        ([], "body", "内容须为对象"),
        (None, "body", "内容须为对象"),
    ],
)
def test_a_finding_names_the_field_and_the_remedy(raw: object, field: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(Outer, raw)
    assert {"field": field, "message": message}.items() <= refused.value.data["fields"][0].items()


def test_all_wrong_fields_are_named_at_once() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(Outer, {"name": "", "count": 0})
    assert [found["field"] for found in refused.value.data["fields"]] == ["name", "count"]


@pytest.mark.parametrize("typed", ["ab-12", " AB 12 ", "ａｂ１２", "Ab–12", "a.b_12"])
def test_what_people_type_is_made_compact(typed: str) -> None:
    assert compact(typed) == "AB12"
