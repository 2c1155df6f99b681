from tihuo.errors import AppError


class ProductNotFound(AppError):
    status = 404
    message = "没有这个商品"


class ProductNameTaken(AppError):
    status = 409
    message = "已有名为“{name}”的商品，请换一个名称"
