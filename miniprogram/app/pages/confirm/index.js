const { state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { redeem } = require('../../services/redemptions')
const { countdown } = require('../../utils/countdown')
const { needCard } = require('../../utils/guard')
const { controlOf, placeOf, toReceiver } = require('../../utils/receiver')
const { apiError } = require('../../utils/request')
const { oneLine } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../../api/types').CardView} CardView */
/** @typedef {import('../../../api/types').Receiver} Receiver */
/** @typedef {import('../../utils/request').ApiError} ApiError */

/** What leads on from a refusal, by its code. @type {Record<string, 'orders' | 'products' | undefined>} */
const WAYS = { card_already_redeemed: 'orders', order_came: 'orders', product_not_available: 'products' }

/** @param {{ busy: boolean, wait: number, lost: boolean }} now */
function submitLabel({ busy, wait, lost }) {
  if (busy) return '正在提交…'
  if (wait > 0) return `${wait} 秒后可再试`
  return lost ? '重新提交（不会重复下单）' : '确认提货'
}

Page({
  data: {
    theme: '',
    product: /** @type {CardView['products'][number] | null} */ (null),
    receiver: /** @type {Receiver | null} */ (null),
    place: '',
    remark: '',
    cardName: '',
    cardNumber: '',
    busy: false,
    wait: 0,
    /** No answer came: the order may or may not have been placed. */
    lost: false,
    label: submitLabel({ busy: false, wait: 0, lost: false }),
    problem: '',
    way: /** @type {'' | 'orders' | 'products'} */ (''),
  },

  stopCountdown() {},

  onLoad() {
    const view = needCard()
    if (!view) return
    const receiver = toReceiver(state().draft)
    this.setData({
      theme: themeStyle(state().storefront?.theme_color),
      product: view.products.find(({ id }) => id === state().productId) || null,
      receiver,
      place: placeOf(receiver),
      remark: oneLine(state().draft.remark),
      cardName: view.name,
      cardNumber: view.number,
    })
  },

  onUnload() {
    this.stopCountdown()
  },

  /** @param {Partial<{ busy: boolean, wait: number, lost: boolean }>} changes */
  show(changes) {
    const { busy, wait, lost } = { ...this.data, ...changes }
    this.setData({ busy, wait, lost, label: submitLabel({ busy, wait, lost }) })
  },

  async onSubmit() {
    const { card } = state()
    const { product, receiver, remark } = this.data
    if (this.data.busy || this.data.wait > 0 || !card || !product || !receiver) return
    this.show({ busy: true })
    this.setData({ problem: '', way: '' })
    try {
      await redeem({ ...card, product_id: product.id, receiver, remark, source: 'mini_program' })
      // The road is over: "back" must not lead to a form whose card is used.
      wx.reLaunch({ url: '/pages/done/index' })
    } catch (thrown) {
      // Only here: after a success the button stays dead until the page is gone.
      this.show({ busy: false })
      this.showRefusal(apiError(thrown))
    }
  },

  /** @param {ApiError} error */
  showRefusal(error) {
    const ofForm = error.fields.filter(({ field }) => controlOf(field))
    if (ofForm.length > 0) {
      state().problems = ofForm
      wx.navigateBack()
      return
    }
    const known = error.fields.map(({ message }) => message).join('；') || error.message
    this.setData({
      problem: error.lost ? `${known.replace(/。$/, '')}。重新提交不会重复下单。` : known,
      way: WAYS[error.code] || '',
    })
    this.show({ lost: error.lost })
    if (error.retryAfter) {
      this.stopCountdown()
      this.stopCountdown = countdown(error.retryAfter, (wait) => this.show({ wait }))
    }
  },

  /** Asks about the card anew: its orders or its products are no longer what this page was made from. */
  async onWay() {
    const { card } = state()
    if (this.data.busy || !card) return
    this.show({ busy: true })
    try {
      await checkCard(card)
      if (this.data.way === 'orders') wx.reLaunch({ url: '/pages/order/index' })
      else wx.navigateBack({ delta: 2 })
    } catch (thrown) {
      this.showRefusal(apiError(thrown))
    } finally {
      this.show({ busy: false })
    }
  },
})
