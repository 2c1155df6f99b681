import asyncio
import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from tihuo.sheets import Column, Sheet, Values, write, writing
from tihuo.sheets.errors import SheetFull

CARDS = [Column("卡号", 20), Column("面值", 8, "number"), Column("截止", 12, "date"), Column("制作", 20, "time")]
NOON = dt.datetime(2026, 1, 2, 12, 30, 5)  # noqa: DTZ001  # a sheet's times have no zone


def writers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("sheet-writer")]


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def rows_of(path: Path, title: str) -> list[list[object]]:
    return [list(row) for row in CalamineWorkbook.from_path(path).get_sheet_by_name(title).iter_rows()]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        '=HYPERLINK("http://x")',
        "http://x.example",
        "mailto:a@x.example",
        "0012",
        "1e5",
        "  卡 ",
        "_x0041_",
        "a\nb<&>",
        "TRUE",
    ],
)
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.xlsx"
    write(path, [Sheet("卡券", [Column("名称", 10), Column("数", 8, "number")], [(text, 7), (None, text)])])
    assert rows_of(path, "卡券") == [["名称", "数"], [text, 7.0], ["", text]]
    sheet = load_workbook(path)["卡券"]
    assert (sheet["A2"].data_type, sheet["A2"].hyperlink, sheet["A2"].number_format) == ("s", None, "@")
    assert (sheet["B3"].data_type, sheet["B3"].hyperlink) == ("s", None)
    assert sheet["A3"].value is None


def test_head_widths_and_kinds(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write(path, [Sheet("卡券", CARDS, [("A1", 388, dt.date(2026, 12, 31), NOON), ("A2", 12.5, None, None)])])
    sheet = load_workbook(path)["卡券"]
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.b for cell in sheet[1])
    assert [round(sheet.column_dimensions[name].width) for name in "ABCD"] == [21, 9, 13, 21]
    assert [cell.value for cell in sheet[2]] == ["A1", 388, dt.datetime(2026, 12, 31), NOON]  # noqa: DTZ001  # as above
    assert [cell.number_format for cell in sheet[2]] == ["@", "General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"]
    assert [cell.value for cell in sheet[3]] == ["A2", 12.5, None, None]


def test_a_column_begins_empty_and_goes_on_with_anything(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write(path, [Sheet("卡券", CARDS[:2], [(None, None), ("A1", 1), ("A2", None), (None, "未知")])])
    assert rows_of(path, "卡券") == [["卡号", "面值"], ["", ""], ["A1", 1.0], ["A2", ""], ["", "未知"]]


def test_a_sheet_without_rows_has_its_head(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write(path, [Sheet("卡券", CARDS, []), Sheet("核对", [Column("项", 10)], [("行数",)])])
    assert rows_of(path, "卡券") == [["卡号", "面值", "截止", "制作"]]
    assert rows_of(path, "核对") == [["项"], ["行数"]]


def test_a_later_sheet_may_tell_of_an_earlier_one(tmp_path: Path) -> None:
    written: list[str] = []

    def cards() -> Iterator[Values]:
        for i in range(2500):
            written.append(f"A{i:04}")
            yield (written[-1],)

    def check() -> Iterator[Values]:
        yield "行数", len(written)

    path = tmp_path / "a.xlsx"
    write(path, [Sheet("卡券", CARDS[:1], cards()), Sheet("核对", [Column("项", 10), Column("值", 10)], check())])
    assert len(rows_of(path, "卡券")) == 2501
    assert rows_of(path, "核对") == [["项", "值"], ["行数", 2500.0]]


@pytest.mark.parametrize(
    ("columns", "row"),
    [(CARDS[:2], ("A1",)), (CARDS[:1], ("A1", 1)), ([CARDS[0], CARDS[0]], ("A1", "A2"))],
)
def test_rows_that_do_not_fit_their_head_are_never_shifted(tmp_path: Path, columns: list[Column], row: Values) -> None:
    path = tmp_path / "a.xlsx"
    with pytest.raises(ValueError, match=r"zip\(\) argument|not all different"):
        write(path, [Sheet("卡券", columns, [row])])
    assert not path.exists()


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    def cards() -> Iterator[Values]:
        yield ("A1",)
        raise LookupError("the database went away")

    path = tmp_path / "a.xlsx"
    path.write_bytes(b"of an earlier try")
    with pytest.raises(LookupError, match="went away"):
        write(path, [Sheet("卡券", CARDS[:1], cards())])
    assert not path.exists()
    with pytest.raises(RuntimeError, match="32,767"):
        write(path, [Sheet("卡券", CARDS[:1], [("x" * 32_768,)])])
    assert not path.exists()


def test_a_full_sheet_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tihuo.sheets.writer.MAX_ROWS", 3)
    write(tmp_path / "a.xlsx", [Sheet("卡券", CARDS[:1], [("A",)] * 3)])
    with pytest.raises(SheetFull, match="3 行"):
        write(tmp_path / "b.xlsx", [Sheet("卡券", CARDS[:1], [("A",)] * 4)])
    assert files(tmp_path) == ["a.xlsx"]


async def test_rows_can_be_put_from_a_coroutine(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    count = 0

    def check() -> Iterator[Values]:
        yield "行数", str(count)

    then = [Sheet("核对", [Column("项", 10), Column("值", 10)], check())]
    async with writing(path, "卡券", CARDS[:2], then=then) as put:
        for start in range(0, 10_000, 500):
            await put([(f"A{i:05}", i) for i in range(start, start + 500)])
            count += 500
        await put([])
    assert writers() == []
    cards = rows_of(path, "卡券")
    assert len(cards) == 10_001
    assert cards[-1] == ["A09999", 9999.0]
    assert rows_of(path, "核对") == [["项", "值"], ["行数", "10000"]]


async def test_nothing_put_is_a_sheet_with_a_head(tmp_path: Path) -> None:
    async with writing(tmp_path / "a.xlsx", "卡券", CARDS[:2]):
        pass
    assert rows_of(tmp_path / "a.xlsx", "卡券") == [["卡号", "面值"]]


@pytest.mark.parametrize("chunks", [0, 1, 20])
async def test_a_producer_that_fails_leaves_neither_thread_nor_file(tmp_path: Path, chunks: int) -> None:
    async def produce() -> None:
        async with writing(tmp_path / "a.xlsx", "卡券", CARDS[:1]) as put:
            for _ in range(chunks):
                await put([("A1",)] * 1000)
            raise LookupError("the database went away")

    with pytest.raises(LookupError):
        await produce()
    assert writers() == []
    assert files(tmp_path) == []


async def test_a_producer_that_is_cancelled_leaves_neither_thread_nor_file(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def produce() -> None:
        async with writing(tmp_path / "a.xlsx", "卡券", CARDS[:1]) as put:
            await put([("A1",)] * 1000)
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(produce())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert writers() == []
    assert files(tmp_path) == []


async def test_who_waits_to_put_is_cancelled_cleanly(tmp_path: Path) -> None:
    """The writer holds still in its first row, so that the queue stays full."""
    let_go = threading.Event()
    held = asyncio.Event()
    loop = asyncio.get_running_loop()
    tried = 0

    class Slow(list[Values]):
        def __iter__(self) -> Iterator[Values]:
            loop.call_soon_threadsafe(held.set)
            let_go.wait()
            return super().__iter__()

    async def produce() -> None:
        nonlocal tried
        async with writing(tmp_path / "a.xlsx", "卡券", CARDS[:1]) as put:
            while True:
                tried += 1
                await put(Slow([("A1",)]))

    task = asyncio.create_task(produce())
    await held.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    # One is being written, two wait in the queue, one waits to be put.
    assert tried == 4
    task.cancel()
    loop.call_soon(let_go.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert writers() == []
    assert files(tmp_path) == []


async def test_a_writer_that_fails_is_known_to_who_puts(tmp_path: Path) -> None:
    puts = 0

    async def produce() -> None:
        nonlocal puts
        async with writing(tmp_path / "a.xlsx", "卡券", CARDS[:1]) as put:
            while True:
                await put([("x" * 32_768,)])
                puts += 1

    with pytest.raises(RuntimeError, match="32,767"):
        await produce()
    assert puts < 10
    assert writers() == []
    assert files(tmp_path) == []


async def test_a_writer_that_can_not_save_is_known_at_the_end(tmp_path: Path) -> None:
    async def produce() -> None:
        async with writing(tmp_path / "no such folder" / "a.xlsx", "卡券", CARDS[:1]) as put:
            await put([("A1",)])

    with pytest.raises(OSError, match="No such file"):
        await produce()
    assert writers() == []
