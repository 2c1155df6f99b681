const { state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { copy } = require('../../utils/copy')
const { needCard } = require('../../utils/guard')
const { placeOf } = require('../../utils/receiver')
const { apiError } = require('../../utils/request')
const { chinaTime } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../../api/types').OrderView} OrderView */

/** @type {Record<OrderView['status'], { word: string, hint: string }>} */
const STATUS = {
  to_ship: { word: '待发货', hint: '商家正在备货，发货后这里会有快递单号。' },
  shipped: { word: '已发货', hint: '可以用快递单号查询包裹到了哪里。' },
  completed: { word: '已完成', hint: '谢谢您的惠顾。' },
  cancelled: { word: '已取消', hint: '有疑问请联系商家。' },
}

/** @param {OrderView} order */
function shown(order) {
  return {
    ...order,
    statusWord: STATUS[order.status].word,
    statusHint: STATUS[order.status].hint,
    place: placeOf(order.receiver),
    time: chinaTime(order.placed_at),
    shipments: order.shipments.map((parcel) => ({ ...parcel, time: chinaTime(parcel.shipped_at) })),
  }
}

Page({
  data: {
    theme: '',
    phone: '',
    orders: /** @type {ReturnType<typeof shown>[]} */ ([]),
    problem: '',
    busy: false,
  },

  onLoad() {
    if (!needCard()) return
    const { storefront, orders } = state()
    this.setData({
      theme: themeStyle(storefront?.theme_color),
      phone: storefront?.contact_phone || '',
      orders: orders.map(shown),
    })
  },

  async onPullDownRefresh() {
    await this.refresh()
    wx.stopPullDownRefresh()
  },

  async refresh() {
    const { card } = state()
    if (this.data.busy || !card) return
    this.setData({ busy: true, problem: '' })
    try {
      const view = await checkCard(card)
      this.setData({ orders: view.orders.map(shown) })
    } catch (thrown) {
      this.setData({ problem: apiError(thrown).message })
    } finally {
      this.setData({ busy: false })
    }
  },

  /** @param {WechatMiniprogram.BaseEvent<{}, { text: string }>} event */
  onCopy(event) {
    copy(event.currentTarget.dataset.text)
  },

  onHome() {
    wx.reLaunch({ url: '/pages/check/index' })
  },
})
