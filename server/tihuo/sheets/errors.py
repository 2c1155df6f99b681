"""Refusals of an uploaded sheet: what is wrong with it and what to do about it."""

from tihuo.errors import AppError


class SheetRefused(AppError):
    """An uploaded sheet that can't be taken; each subclass is one reason."""

    status = 422
    message = "表格无法读取，请下载模板，填好后重新上传"


class SheetNotXlsx(SheetRefused):
    message = "这个文件不是 .xlsx 表格，请下载模板，填好后上传"


class SheetNotWorkbook(SheetRefused):
    message = "这个文件里没有工作表（可能是 Word 文档或压缩包），请下载模板，填好后上传"


class SheetOldXls(SheetRefused):
    message = "这是旧版 .xls 表格，请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传"


class SheetEncrypted(SheetRefused):
    message = "表格设有打开密码，请去掉密码、保存后再上传"


class SheetDamaged(SheetRefused):
    message = "表格文件不完整或已损坏，请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再上传"


class SheetTooLarge(SheetRefused):
    message = "表格文件超过 {limit_mb} MB，请只保留所需的列，或分成几个文件上传"


class SheetInflatesTooFar(SheetRefused):
    message = "表格展开后的内容过大，请把所需的列复制到模板中，或分成几个文件上传"


class SheetTooWide(SheetRefused):
    """The cells with content span too large an area. `corner`: its last cell, such as XFD1048576."""

    message = "表格内容一直延伸到单元格 {corner}，范围过大，请删除数据以外的内容后再上传"


class SheetTooComplex(SheetRefused):
    message = "读取表格所需的内存或时间过多，请只保留所需的列，或分成几个文件上传"


class SheetLinksElsewhere(SheetRefused):
    message = "表格链接了其他文件，请把数据粘贴为数值到模板中再上传"


class CellIsFormula(SheetRefused):
    message = "单元格 {cell} 是公式，请粘贴为数值"


class SheetColumnsMissing(SheetRefused):
    """`names`: the headings that the first row lacks, joined by 、."""

    message = "表头缺少：{names}。请下载模板，不要改动第一行的表头"


class SheetColumnTwice(SheetRefused):
    message = "表头“{name}”出现了不止一次，请只保留一列"


class SheetWithoutRows(SheetRefused):
    message = "表格没有数据，请从表头的下一行开始填写"


class SheetTooManyRows(SheetRefused):
    message = "表格超过 {limit} 行，请分成几个文件上传"


class SheetFull(AppError):
    """More rows to write than one sheet of the .xlsx format holds."""

    status = 422
    message = "要导出的内容超过一张表的上限（{limit} 行），请缩小筛选范围，分几次导出"
