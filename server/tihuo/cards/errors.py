from tihuo.errors import AppError


class CardNotFound(AppError):
    status = 404
    message = "没有这张卡"


class BatchNotFound(AppError):
    status = 404
    message = "没有这个批次"


class CardActionRefused(AppError):
    status = 409
    message = "{reason}"


class SelectionChanged(AppError):
    """The filter finds another number of cards than the one that was confirmed; nothing was changed."""

    status = 409
    message = "筛选结果已变为 {count} 张，请重新查看后再操作"


class SelectionTooLarge(AppError):
    status = 409
    message = "一次最多操作 {limit} 张卡，请按批次或卡序号范围缩小筛选"


class ExportTooLarge(AppError):
    status = 409
    message = "一次最多导出 {limit} 张卡，请按批次或卡序号范围缩小筛选"


class NothingToExport(AppError):
    status = 409
    message = "筛选结果中没有卡，请调整条件后再导出"
