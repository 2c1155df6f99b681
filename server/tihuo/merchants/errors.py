from tihuo.errors import AppError


class StorefrontNotFound(AppError):
    status = 404
    message = "没有这个提货页面，请检查网址"


class StorefrontClosed(AppError):
    status = 409
    message = "{notice}"


class SlugTaken(AppError):
    status = 409
    message = "短名称 {slug} 已被使用，请换一个"
