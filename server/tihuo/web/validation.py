"""Pydantic's findings, said in Chinese with the field's own label."""

import types
from collections.abc import Sequence
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tihuo.errors import InvalidRequest

M = TypeVar("M", bound=BaseModel)

_WORDS = {
    "missing": "请填写{label}",
    "extra_forbidden": "不认识的字段 {field}",
    "string_type": "{label}须为文字",
    "string_too_short": "{label}至少 {min_length} 个字",
    "string_too_long": "{label}最多 {max_length} 个字",
    "string_pattern_mismatch": "{label}的格式不正确",
    "int_type": "{label}须为整数",
    "int_parsing": "{label}须为整数",
    "int_from_float": "{label}须为整数",
    "int_parsing_size": "{label}太大",
    "bool_type": "{label}须为是或否",
    "bool_parsing": "{label}须为是或否",
    "greater_than_equal": "{label}不能小于 {ge}",
    "less_than_equal": "{label}不能大于 {le}",
    "too_short": "{label}至少选 {min_length} 项",
    "too_long": "{label}最多 {max_length} 项",
    "list_type": "{label}须为列表",
    "dict_type": "{label}须为对象",
    "model_type": "{label}须为对象",
    "model_attributes_type": "{label}须为对象",
    "literal_error": "{label}须为以下之一：{expected}",
    "date_type": "{label}须为日期，如 2026-01-31",
    "date_parsing": "{label}须为日期，如 2026-01-31",
    "date_from_datetime_parsing": "{label}须为日期，如 2026-01-31",
    "date_from_datetime_inexact": "{label}须为日期，如 2026-01-31",
    "string_unicode": "{label}含有无法识别的字符",
}


def parse(model: type[M], raw: Any) -> M:
    """`raw` as a `model`. Raises InvalidRequest with one sentence per wrong field."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise InvalidRequest([_field(model, finding) for finding in error.errors()]) from None


def _field(model: type[BaseModel], finding: Any) -> dict[str, str]:
    location = [part for part in finding["loc"] if not str(part).startswith("function-")]
    field = ".".join(str(part) for part in location)
    label = _label(model, location)
    kind = str(finding["type"])
    if kind in ("too_short", "too_long") and isinstance(finding["input"], str):
        kind = f"string_{kind}"
    if kind == "value_error":
        message = f"{label}：{finding['ctx']['error']}" if label else str(finding["ctx"]["error"])
    elif kind == "string_too_short" and finding["ctx"]["min_length"] == 1:
        message = f"请填写{label}"
    else:
        message = _WORDS.get(kind, "{label}填写有误").format(
            label=label or "内容", field=field, **finding.get("ctx", {})
        )
    return {"field": field or "body", "code": kind, "message": message}


def _label(model: type[BaseModel], location: Sequence[int | str]) -> str:
    """The title of the field at `location`, of the innermost one that has a title."""
    label = ""
    current: Any = model
    for part in location:
        current = _model_in(current)
        if isinstance(part, int):
            label += f"第 {part + 1} 项"
            continue
        if current is None or part not in current.model_fields:
            continue
        info = current.model_fields[part]
        label = info.title or label
        current = info.annotation
    return label


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) in (list, Union, types.UnionType, tuple):
        for argument in get_args(annotation):
            if found := _model_in(argument):
                return found
    return None
