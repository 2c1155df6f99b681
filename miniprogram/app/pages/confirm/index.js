const { state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { redeem } = require('../../services/redemptions')
const { captchaAfter } = require('../../utils/captcha')
const { countdown } = require('../../utils/countdown')
const { AS_SOON_AS_POSSIBLE, dayName, dayToSend, isDayRefusal } = require('../../utils/days')
const { needCard } = require('../../utils/guard')
const { controlOf, placeOf, toReceiver } = require('../../utils/receiver')
const { apiError } = require('../../utils/request')
const { oneLine } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../../api/types').CardView} CardView */
/** @typedef {import('../../../api/types').Receiver} Receiver */
/** @typedef {import('../../../api/types').CaptchaAnswer} CaptchaAnswer */
/** @typedef {import('../../../api/types').DaysView} DaysView */
/** @typedef {import('../../utils/request').ApiError} ApiError */
/** @typedef {'orders' | 'products' | 'days'} Way */

/** What leads on from a refusal, by its code. @type {Record<string, Way | undefined>} */
const WAYS = {
  card_already_redeemed: 'orders',
  card_used_meanwhile: 'orders',
  order_came: 'orders',
  product_not_available: 'products',
  day_full: 'days',
  day_not_open: 'days',
  day_missing: 'days',
}

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
    way: /** @type {'' | Way} */ (''),
    intro: '',
    shipOn: /** @type {string | null} */ (null),
    dayWords: '',
    /** The day that is offered instead of one that can't be had. */
    nearestName: '',
    usesLeft: 0,
    captchaRound: 0,
    captcha: /** @type {CaptchaAnswer | null} */ (null),
  },

  stopCountdown() {},

  onLoad() {
    const view = needCard()
    if (!view) return
    const receiver = toReceiver(state().draft)
    this.setData({
      theme: themeStyle(state().storefront),
      intro: state().storefront?.texts.confirm || '',
      usesLeft: view.uses_left,
      product: view.products.find(({ id }) => id === state().productId) || null,
      receiver,
      place: placeOf(receiver),
      remark: oneLine(state().draft.remark),
      cardName: view.name,
      cardNumber: view.number,
    })
    this.showDay()
  },

  onUnload() {
    this.stopCountdown()
  },

  /** The day as it is sent; words only where the merchant takes days, or one is sent. */
  showDay() {
    const { days, draft } = state()
    const shipOn = dayToSend(days, draft.shipOn)
    const asked = days !== null && days.mode !== 'none'
    this.setData({ shipOn, dayWords: shipOn ? dayName(shipOn) : asked ? AS_SOON_AS_POSSIBLE : '' })
  },

  /** @param {Partial<{ busy: boolean, wait: number, lost: boolean }>} changes */
  show(changes) {
    const { busy, wait, lost } = { ...this.data, ...changes }
    this.setData({ busy, wait, lost, label: submitLabel({ busy, wait, lost }) })
  },

  async onSubmit() {
    const { card } = state()
    const { product, receiver, remark, shipOn, captcha, usesLeft } = this.data
    if (this.data.busy || this.data.wait > 0 || !card || !product || !receiver) return
    if (this.missesCaptcha()) return
    this.show({ busy: true })
    this.setData({ problem: '', way: '' })
    try {
      /** @type {import('../../../api/types').RedemptionForm} */
      const form = { ...card, product_id: product.id, receiver, remark, ship_on: shipOn, source: 'mini_program' }
      await redeem(form, { captcha, usesLeftSeen: usesLeft })
      // The road is over: "back" must not lead to a form whose card is used.
      wx.reLaunch({ url: '/pages/done/index' })
    } catch (thrown) {
      // Only here: after a success the button stays dead until the page is gone.
      this.show({ busy: false })
      this.showRefusal(apiError(thrown))
    }
  },

  missesCaptcha() {
    const misses = this.data.captchaRound > 0 && !this.data.captcha
    if (misses) this.setData({ problem: '请输入图形验证码' })
    return misses
  },

  /** @param {WechatMiniprogram.CustomEvent<{ captcha: CaptchaAnswer | null }>} event */
  onCaptcha(event) {
    this.setData({ captcha: event.detail.captcha })
  },

  /** @param {ApiError} error */
  showRefusal(error) {
    const ofForm = error.fields.filter(({ field }) => controlOf(field))
    if (error.code === 'undeliverable_area') ofForm.push({ field: 'receiver.region_code', message: error.message })
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
    if (isDayRefusal(error.code)) {
      const days = /** @type {DaysView} */ (error.data.days)
      state().days = days
      this.setData({ nearestName: days.nearest ? dayName(days.nearest) : '' })
    }
    this.setData({ captchaRound: captchaAfter(this.data.captchaRound, error.code) })
    if (error.retryAfter) {
      this.stopCountdown()
      this.stopCountdown = countdown(error.retryAfter, (wait) => this.show({ wait }))
    }
  },

  /** Takes the nearest day; submitting it is another tap. */
  onNearest() {
    state().draft = { ...state().draft, shipOn: state().days?.nearest || null }
    this.setData({ problem: '', way: '' })
    this.showDay()
  },

  /** Asks about the card anew: its orders or its products are no longer what this page was made from. */
  async onWay() {
    const { card } = state()
    if (this.data.busy || !card) return
    if (this.data.way === 'days') {
      state().problems = [{ field: 'ship_on', message: this.data.problem }]
      wx.navigateBack()
      return
    }
    if (this.missesCaptcha()) return
    this.show({ busy: true })
    try {
      await checkCard(card, this.data.captcha)
      if (this.data.way === 'orders') wx.reLaunch({ url: '/pages/order/index' })
      else wx.navigateBack({ delta: 2 })
    } catch (thrown) {
      this.showRefusal(apiError(thrown))
    } finally {
      this.show({ busy: false })
    }
  },
})
