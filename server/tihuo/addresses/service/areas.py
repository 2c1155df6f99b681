"""Areas to which something is not delivered: kept as codes, shown with names."""

from collections.abc import Iterable, Sequence

from tihuo.addresses.schemas import Area
from tihuo.addresses.service.lookup import known, name_of
from tihuo.errors import invalid_field


def check_areas(codes: Sequence[str], field: str) -> None:
    """Raise InvalidRequest, naming the field, for a code that is no division of China's."""
    for code in codes:
        if not known(code):
            raise invalid_field(field, "area_unknown", f"没有编码为 {code} 的地区，请从列表中选择")


def areas(codes: Iterable[str]) -> list[Area]:
    """Each area with its full name; the code itself where today's divisions no longer have it."""
    return [Area(code=code, name=name_of(code) or code) for code in codes]
