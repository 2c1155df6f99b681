from typing import Any

from tihuo.errors import AppError


class DayRefused(AppError):
    """A day that can't be had. `days`: a DaysView as JSON; its `nearest` is what to offer instead."""

    status = 409
    message = "所选日期不能预约，请另选日期"

    def __init__(self, sentence: str, days: dict[str, Any]) -> None:
        super().__init__(nearest=days["nearest"], days=days)
        self.text = sentence


class DayMissing(DayRefused):
    status = 422
    message = "请选择预约发货日期"


class DayNotOpen(DayRefused):
    message = "所选日期不发货，请另选日期"


class DayFull(DayRefused):
    message = "所选日期已约满，请另选日期"
