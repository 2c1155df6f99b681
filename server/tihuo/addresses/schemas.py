from typing import Literal

from pydantic import Field

from tihuo.shapes import In, Out, Paragraph

Part = Literal["name", "mobile", "province", "city", "district", "address"]


class SplitIn(In):
    text: Paragraph = Field(title="要识别的地址", min_length=1, max_length=500)


class SplitAddress(Out):
    """What was read from a pasted address; a part that was not found is "".

    `extension`: what must be dialled after a virtual mobile number. `phone`: another number, mostly a landline.
    `region_code`: of the deepest division that is known. `city` is the picker's own word, also where it is only a
    heading such as 省直辖县. `missing`: what was not found. `unsure`: what was found or left out on thin grounds.
    """

    name: str
    mobile: str
    extension: str
    phone: str
    province: str
    city: str
    district: str
    region_code: str
    address: str
    missing: list[Part]
    unsure: list[Part]


class Area(Out):
    """A division of any level."""

    code: str
    name: str
