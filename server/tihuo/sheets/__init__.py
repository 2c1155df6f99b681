"""Spreadsheets."""

from tihuo.sheets.writer import Value, workbook

__all__ = ["Value", "workbook"]
