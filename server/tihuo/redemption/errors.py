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


class CardUsedMeanwhile(AppError):
    """The card has fewer uses left than the page showed: somebody redeemed it in between."""

    status = 409
    message = "这张卡刚刚又提了一次货，请先核对订单，再决定是否继续提货"


class UndeliverableArea(AppError):
    status = 409
    message = "抱歉，{area}暂不发货，请更换收货地址{after}"

    def __init__(self, area: str, note: str = "") -> None:
        super().__init__(area=area, note=note, after=f"（{note}）" if note else "")


class CorrectionNotAllowed(AppError):
    status = 409
    message = "{what}不能自行修改，请联系商家"


class BlockNotFound(AppError):
    status = 404
    message = "没有这条封禁记录"
