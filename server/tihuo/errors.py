"""Refusals: what a caller is told, with a status, a stable code and a Chinese sentence."""

import re
from typing import Any, ClassVar


class AppError(Exception):
    """A refusal that the caller can understand and act on.

    Subclasses set `status` (HTTP), `message` (Chinese, shown as it is; may hold {names} filled from `data`).
    `code` is the class name in snake case, so that the two can never disagree.
    """

    status: ClassVar[int] = 400
    message: ClassVar[str] = "请求无法完成"
    code: ClassVar[str] = "app_error"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, **data: Any) -> None:
        self.data = data
        self.text = self.message.format(**data)
        super().__init__(f"{self.code}: {self.text}")

    def headers(self) -> dict[str, str]:
        """HTTP headers that go with the refusal."""
        return {}


class InvalidRequest(AppError):
    """One or more fields are wrong. `fields`: [{"field", "code", "message"}], the first one's words lead."""

    status = 422
    message = "填写有误"

    def __init__(self, fields: list[dict[str, str]]) -> None:
        super().__init__(fields=fields)
        self.text = fields[0]["message"]


def invalid_field(field: str, code: str, message: str) -> InvalidRequest:
    """The refusal of one field, for rules that need more than its shape."""
    return InvalidRequest([{"field": field, "code": code, "message": message}])


class MalformedRequest(AppError):
    status = 400
    message = "请求内容不是有效的 JSON"


class NotFound(AppError):
    status = 404
    message = "没有找到您要的内容"


class MethodNotAllowed(AppError):
    status = 405
    message = "此地址不支持这种操作"


class BodyTooLarge(AppError):
    status = 413
    message = "内容超过 {limit_mb} MB，请压缩后再试"


class NotSignedIn(AppError):
    status = 401
    message = "登录已失效，请重新登录"


class PermissionMissing(AppError):
    status = 403
    message = "您的账号没有此项权限，请联系店主"


class PasswordAsked(AppError):
    """What is asked for needs the account's password again, and none was given."""

    status = 403
    message = "请输入您的登录密码再操作"


class PasswordWrong(AppError):
    status = 403
    message = "您的登录密码不正确"


class ForeignOrigin(AppError):
    status = 403
    message = "请求来自其他网站，已拒绝"


class TooManyTries(AppError):
    """Too many failed tries. `retry_after`: seconds until the next one is taken."""

    status = 429
    message = "输错次数过多，请在 {wait}后再试"

    def __init__(self, retry_after: int) -> None:
        wait = f"{-(-retry_after // 60)} 分钟" if retry_after > 60 else f"{retry_after} 秒"
        super().__init__(retry_after=retry_after, wait=wait)

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.data["retry_after"])}


class CaptchaNeeded(AppError):
    """So much failed before that the same request is wanted again with a captcha."""

    status = 403
    message = "为了您的卡片安全，请输入图形验证码后再试"


class CaptchaWrong(AppError):
    status = 403
    message = "验证码不正确或已过期，请重新输入"


class AddressBlocked(AppError):
    status = 403
    message = "您所在的网络已被商家暂停提货，如有疑问请联系商家"


class ServiceBusy(AppError):
    """What has to be looked up before anything may be done can't be looked up now."""

    status = 503
    message = "系统繁忙，请稍后再试"

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


class IdempotencyKeyMissing(AppError):
    status = 400
    message = "缺少请求编号（Idempotency-Key：8 到 64 位字母、数字、- 或 _），请刷新页面后重试"


class IdempotencyKeyReused(AppError):
    status = 422
    message = "这次提交的内容与上次不同，请刷新页面后重新提交"
