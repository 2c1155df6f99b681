const { state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { copy } = require('../../utils/copy')
const { needCard } = require('../../utils/guard')
const { placeOf } = require('../../utils/receiver')
const { apiError } = require('../../utils/request')
const { canRepeat, chinaTime, uses } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../../api/types').CardView} CardView */
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

/**
 * What a card for several pick-ups says above its orders; a card for one says it by its order.
 * @param {CardView} view
 */
function header(view) {
  const said = view.state === 'redeemable' || view.state === 'redeemed'
  return { name: view.name || view.number, uses: uses(view), message: said ? '' : view.message }
}

Page({
  data: {
    theme: '',
    phone: '',
    card: /** @type {ReturnType<typeof header> | null} */ (null),
    more: false,
    orders: /** @type {ReturnType<typeof shown>[]} */ ([]),
    problem: '',
    busy: false,
  },

  onLoad() {
    const view = needCard()
    if (!view) return
    const { storefront } = state()
    this.setData({ theme: themeStyle(storefront?.theme_color), phone: storefront?.contact_phone || '' })
    this.show(view)
  },

  /** @param {CardView} view */
  show(view) {
    this.setData({ card: header(view), more: canRepeat(view), orders: view.orders.map(shown) })
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
      this.show(await checkCard(card))
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

  onAgain() {
    // Whatever page this one was opened from: the choice shows the card as it is now.
    wx.reLaunch({ url: '/pages/choose/index' })
  },

  onHome() {
    wx.reLaunch({ url: '/pages/check/index' })
  },
})
