from tihuo.errors import AppError


class OrderNotFound(AppError):
    status = 404
    message = "没有这个订单"


class OrderAlreadyShipped(AppError):
    status = 409
    message = "此订单已由 {by} 发货（{courier} {tracking_number}）"


class OrderCancelled(AppError):
    status = 409
    message = "此订单已取消"


class OrderHandedOver(AppError):
    status = 409
    message = "此订单已在店内交付"
