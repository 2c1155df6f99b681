"""Spreadsheets: uploads read safely, exports of any length, templates."""

from tihuo.sheets.errors import SheetRefused
from tihuo.sheets.reader import read
from tihuo.sheets.rows import Flaw, Row
from tihuo.sheets.template import template
from tihuo.sheets.writer import Column, Put, Sheet, Value, Values, write, writing

__all__ = [
    "Column",
    "Flaw",
    "Put",
    "Row",
    "Sheet",
    "SheetRefused",
    "Value",
    "Values",
    "read",
    "template",
    "write",
    "writing",
]
