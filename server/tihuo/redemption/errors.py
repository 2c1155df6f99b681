from tihuo.errors import AppError


class CardOrPasswordWrong(AppError):
    """The same for an unknown number, a wrong password and another shop's card: nothing can be learnt."""

    status = 403
    message = "卡号或密码不正确，请核对后重试"


class CardAlreadyRedeemed(AppError):
    status = 409
    message = "这张卡已经提过货了"


class CardInactive(AppError):
    status = 409
    message = "这张卡还没有激活，请联系售卡商家"


class CardVoid(AppError):
    status = 409
    message = "这张卡已作废，请联系售卡商家"


class CardExpired(AppError):
    status = 409
    message = "这张卡已于 {valid_until} 过期，请联系售卡商家"


class CardNotYetValid(AppError):
    status = 409
    message = "这张卡从 {valid_from} 起才能提货"


class ProductNotAvailable(AppError):
    status = 409
    message = "所选商品已下架或不在此卡可选范围内，请重新选择"
