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


class NothingSelected(AppError):
    status = 409
    message = "筛选结果中没有卡，请调整条件后再操作"


class NothingToChange(AppError):
    status = 409
    message = "筛选结果中没有可以这样操作的卡"


class SelectionNotFound(AppError):
    status = 404
    message = "这次核对已失效，请重新查询后再操作"


class SelectionExpired(AppError):
    status = 409
    message = "核对已超过一小时，数据可能已变化，请重新查询后再操作"


class SelectionDiffers(AppError):
    """The number that was confirmed is not the one that was found; nothing was changed."""

    status = 409
    message = "核对的结果是 {count} 张，与确认的张数不同，请重新核对"


class ExportTooLarge(AppError):
    status = 409
    message = "一次最多导出 {limit} 张卡，请按批次或卡序号范围缩小筛选"


class NothingToExport(AppError):
    status = 409
    message = "筛选结果中没有卡，请调整条件后再导出"


class UploadNotFound(AppError):
    status = 404
    message = "上传的表格已失效，请重新上传"


class ImportRefused(AppError):
    """Rows of the table are wrong, and so nothing was imported. `rows`: the first of them; `count`: how many."""

    status = 422
    message = "表格中有 {count} 处需要修改，没有导入任何卡；请按报告修改后重新上传"


class SavedFilterNotFound(AppError):
    status = 404
    message = "没有这个筛选方案"


class SavedFilterNameTaken(AppError):
    status = 409
    message = "已有名为“{name}”的筛选方案，请换一个名称"


class TooManySavedFilters(AppError):
    status = 409
    message = "最多保存 {limit} 个筛选方案，请先删除不用的"
