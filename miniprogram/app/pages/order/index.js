const { state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { captchaAfter } = require('../../utils/captcha')
const { copy } = require('../../utils/copy')
const { countdown } = require('../../utils/countdown')
const { dayName } = require('../../utils/days')
const { needCard } = require('../../utils/guard')
const { contactOf } = require('../../utils/merchant')
const { openPage } = require('../../utils/navigate')
const { emptyDraft, placeOf } = require('../../utils/receiver')
const { apiError } = require('../../utils/request')
const { chinaTime, uses } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../../api/types').CardView} CardView */
/** @typedef {import('../../../api/types').OrderView} OrderView */
/** @typedef {import('../../../api/types').CaptchaAnswer} CaptchaAnswer */

/** @type {Record<OrderView['status'], { word: string, hint: string }>} */
const STATUS = {
  to_ship: { word: '待发货', hint: '商家正在备货，发货后这里会有快递单号。' },
  shipped: { word: '已发货', hint: '可以用快递单号查询包裹到了哪里。' },
  completed: { word: '已完成', hint: '谢谢您的惠顾。' },
  cancelled: { word: '已取消', hint: '有疑问请联系商家。' },
}

/** How an order came about. @type {Record<OrderView['source'], string>} */
const SOURCES = { h5: '网页提货', mini_program: '小程序提货', phone: '电话提货', counter: '到店提货' }

/** @param {OrderView} order */
function hintOf({ status, source, ship_on: day }) {
  if (source === 'counter' && status === 'completed') return '已在店内交付。'
  return status === 'to_ship' && day ? `商家将在 ${dayName(day)} 发货，发货后这里会有快递单号。` : STATUS[status].hint
}

/** What the holder may still change, in words. @param {OrderView} order */
function correctable({ may_correct_address: address, may_correct_date: date }) {
  return [address && '收货信息', date && '发货日期'].filter(Boolean).join('和')
}

/** @param {OrderView} order */
function shown(order) {
  return {
    ...order,
    statusWord: STATUS[order.status].word,
    statusHint: hintOf(order),
    sourceWord: SOURCES[order.source],
    day: order.ship_on ? dayName(order.ship_on) : '',
    correctable: correctable(order),
    completed: order.completed_at ? chinaTime(order.completed_at) : '',
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
  return { name: view.name || view.number, uses: uses(view), message: view.state === 'redeemed' ? '' : view.message }
}

/** @param {CardView} view */
function nextPickUp({ state: cardState, open, uses_total: total }) {
  if (cardState !== 'redeemable' || !open) return ''
  // One whose only order was cancelled.
  return total > 1 ? '再提一次' : '重新提货'
}

Page({
  data: {
    theme: '',
    contact: { phone: '', hours: '', wechat: '' },
    card: /** @type {ReturnType<typeof header> | null} */ (null),
    /** The words of the way to the next pick-up, or ''. */
    more: '',
    orders: /** @type {ReturnType<typeof shown>[]} */ ([]),
    problem: '',
    busy: false,
    wait: 0,
    captchaRound: 0,
    captcha: /** @type {CaptchaAnswer | null} */ (null),
  },

  stopCountdown() {},

  onUnload() {
    this.stopCountdown()
  },

  // Not onLoad: coming back from a correction, an order is another.
  onShow() {
    const view = needCard()
    if (!view) return
    const { storefront } = state()
    this.setData({ theme: themeStyle(storefront), contact: contactOf(storefront) })
    this.show(view)
  },

  /** @param {CardView} view */
  show(view) {
    this.setData({ card: header(view), more: nextPickUp(view), orders: view.orders.map(shown) })
  },

  async onPullDownRefresh() {
    await this.refresh()
    wx.stopPullDownRefresh()
  },

  async refresh() {
    const { card } = state()
    if (this.data.busy || !card) return
    if (this.data.wait > 0) return
    if (this.data.captchaRound > 0 && !this.data.captcha) {
      this.setData({ problem: '请输入图形验证码' })
      return
    }
    this.setData({ busy: true, problem: '' })
    try {
      this.show(await checkCard(card, this.data.captcha))
      this.setData({ captchaRound: 0 })
    } catch (thrown) {
      const error = apiError(thrown)
      this.setData({ problem: error.message, captchaRound: captchaAfter(this.data.captchaRound, error.code) })
      if (error.retryAfter) {
        this.stopCountdown()
        this.stopCountdown = countdown(error.retryAfter, (wait) => this.setData({ wait }))
      }
    } finally {
      this.setData({ busy: false })
    }
  },

  /** @param {WechatMiniprogram.BaseEvent<{}, { text: string }>} event */
  onCopy(event) {
    copy(event.currentTarget.dataset.text)
  },

  /** @param {WechatMiniprogram.CustomEvent<{ captcha: CaptchaAnswer | null }>} event */
  onCaptcha(event) {
    this.setData({ captcha: event.detail.captcha })
  },

  /** @param {WechatMiniprogram.BaseEvent<{}, { number: string }>} event */
  onCorrect(event) {
    const order = state().view?.orders.find(({ number }) => number === event.currentTarget.dataset.number)
    if (!order) return
    const { name, province, city, district, region_code: regionCode, address } = order.receiver
    // The mobile came masked: whoever corrects an order knows it.
    const draft = { ...emptyDraft(), name, region: [province, city, district], regionCode, address, shipOn: order.ship_on }
    state().correction = { order, draft }
    openPage('/pages/address/index?correct=1')
  },

  onAgain() {
    // Whatever page this one was opened from: the choice shows the card as it is now.
    wx.reLaunch({ url: '/pages/choose/index' })
  },

  onHome() {
    wx.reLaunch({ url: '/pages/check/index' })
  },
})
