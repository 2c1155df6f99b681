from tihuo.errors import AppError


class JobNotFound(AppError):
    status = 404
    message = "没有这个任务"


class JobEnded(AppError):
    status = 409
    message = "任务已经结束，不能取消"


class JobNotCancellable(AppError):
    status = 409
    message = "这个任务不能中途取消：已处理的部分不会退回"


class FileGone(AppError):
    status = 410
    message = "文件已经下载过或已超过一小时，系统已将它删除；如仍需要，请重新导出"


class FileNotYours(AppError):
    status = 403
    message = "含密码的文件只能由导出的人下载"
