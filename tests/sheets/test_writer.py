import io

import pytest
from openpyxl import load_workbook

from tihuo.sheets import workbook


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "0012", "1e5", "卡"])
def test_text_stays_text(text: str) -> None:
    content = workbook("卡券", [("名称", 10), ("数", 8)], [(text, 7), (None, 8)])
    sheet = load_workbook(io.BytesIO(content))["卡券"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == (text, "s")
    assert sheet["B2"].value == 7
    assert sheet["A3"].value is None
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
