from tihuo.errors import AppError


class SignInFailed(AppError):
    """The same words for a wrong name and a wrong password (spec A)."""

    status = 403
    message = "登录名或密码不正确"


class AccountTaken(AppError):
    status = 409
    message = "账号 {account} 已被使用，请换一个"


class StaffNotFound(AppError):
    status = 404
    message = "没有这个管理员"


class OwnerProtected(AppError):
    status = 409
    message = "店主账号不能被限制或停用，也只能由店主自己修改"


class BeyondOwnPermissions(AppError):
    status = 403
    message = "不能管理权限比自己大的账号，也不能给出自己没有的权限"
