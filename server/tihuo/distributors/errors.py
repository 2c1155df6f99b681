from tihuo.errors import AppError


class DistributorNotFound(AppError):
    status = 404
    message = "没有这个券商"


class DistributorNameTaken(AppError):
    status = 409
    message = "已有名为“{name}”的券商，请换一个名称"
