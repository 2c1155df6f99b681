const { forgetCard, state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { takeUpDraft } = require('../../services/drafts')
const { loadStorefront } = require('../../services/storefront')
const { captchaAfter } = require('../../utils/captcha')
const { countdown } = require('../../utils/countdown')
const { fromLink, fromQuery, fromScan } = require('../../utils/launch')
const { settings } = require('../../utils/merchant')
const { openPage } = require('../../utils/navigate')
const { apiError } = require('../../utils/request')
const { halfWidth, uses, validity, yuan } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../../api/types').CardView} CardView */

/** Of a card that can't be redeemed, what its holder may know. @param {CardView} view */
function summary(view) {
  return {
    name: view.name || view.number,
    value: yuan(view.face_value_fen),
    validity: validity(view.valid_from, view.valid_until),
    uses: uses(view),
  }
}

Page({
  data: {
    theme: themeStyle(null),
    /** loading | failed | empty | ready */
    status: 'loading',
    statusMessage: '',
    shop: /** @type {import('../../../api/types').Storefront | null} */ (null),
    number: '',
    password: '',
    problem: '',
    busy: false,
    wait: 0,
    /** Which captcha is shown; 0 is none. */
    captchaRound: 0,
    captcha: /** @type {import('../../../api/types').CaptchaAnswer | null} */ (null),
    card: /** @type {ReturnType<typeof summary> | null} */ (null),
  },

  stopCountdown() {},

  onLoad(query) {
    forgetCard()
    this.open(fromQuery(query))
  },

  onUnload() {
    this.stopCountdown()
  },

  /**
   * Opens the storefront that a code names, or the one at hand, and fills in the card's number.
   * @param {import('../../utils/launch').Target} target
   */
  open(target) {
    const own = settings()
    if (own.fixed && target.slug && target.slug !== own.slug) {
      this.setData({ problem: '这不是本店的卡，请检查二维码' })
      target = { slug: own.slug, number: '' }
    }
    const slug = target.slug || state().slug || own.slug
    if (target.number) this.setData({ number: target.number, password: '', problem: '', card: null })
    if (!slug) {
      this.setData({ status: 'empty', statusMessage: '请扫描卡上的二维码，开始提货' })
    } else if (slug !== state().slug || !state().storefront) {
      Object.assign(state(), { slug, storefront: null })
      return this.loadShop()
    } else {
      this.showShop()
    }
    return Promise.resolve()
  },

  async loadShop() {
    const { slug } = state()
    this.setData({ status: 'loading' })
    try {
      const storefront = await loadStorefront(slug)
      // Another code may have been scanned while this one's storefront was on its way.
      if (slug !== state().slug) return
      state().storefront = storefront
      this.showShop()
    } catch (thrown) {
      const error = apiError(thrown)
      this.setData({ status: error.status === 404 ? 'empty' : 'failed', statusMessage: error.message })
    }
  },

  showShop() {
    const shop = state().storefront
    if (!shop) return
    this.setData({ status: 'ready', shop, theme: themeStyle(shop) })
    wx.setNavigationBarTitle({ title: shop.name || '提货' })
  },

  /** @param {WechatMiniprogram.Input} event */
  onNumber(event) {
    this.setData({ number: event.detail.value })
  },

  /** @param {WechatMiniprogram.Input} event */
  onPassword(event) {
    this.setData({ password: event.detail.value })
  },

  /** @param {WechatMiniprogram.CustomEvent<{ captcha: import('../../../api/types').CaptchaAnswer | null }>} event */
  onCaptcha(event) {
    this.setData({ captcha: event.detail.captcha })
  },

  onScan() {
    wx.scanCode({
      scanType: ['qrCode', 'barCode'],
      success: (scan) => {
        const target = fromScan(scan)
        if (target) this.open(target)
        else wx.showToast({ title: '这不是提货卡的二维码', icon: 'none' })
      },
      fail: ({ errMsg }) => {
        if (!/cancel/.test(errMsg)) wx.showToast({ title: '没有扫到，请手动输入卡号', icon: 'none' })
      },
    })
  },

  async onCheck() {
    if (this.data.busy || this.data.wait > 0) return
    // The card's whole link may have been pasted where its number goes.
    const link = fromLink(halfWidth(this.data.number))
    if (link && link.number && link.slug !== state().slug) {
      this.open(link)
      return
    }
    if (link && link.number) this.setData({ number: link.number })
    const card = { number: halfWidth(this.data.number).trim(), password: halfWidth(this.data.password).trim() }
    if (!card.number || !card.password) {
      this.setData({ problem: card.number ? '请输入密码' : '请输入卡号' })
      return
    }
    if (this.data.captchaRound > 0 && !this.data.captcha) {
      this.setData({ problem: '请输入图形验证码' })
      return
    }
    this.setData({ busy: true, problem: '', card: null })
    try {
      const view = await checkCard(card, this.data.captcha)
      this.setData({ captchaRound: 0 })
      takeUpDraft()
      if (view.state === 'redeemable' && view.open) {
        openPage('/pages/choose/index')
      } else if (view.orders.length > 0) {
        openPage('/pages/order/index')
      } else {
        this.setData({ problem: view.message, card: summary(view) })
      }
    } catch (thrown) {
      this.showRefusal(apiError(thrown))
    } finally {
      this.setData({ busy: false })
    }
  },

  /** @param {import('../../utils/request').ApiError} error */
  showRefusal(error) {
    this.setData({ problem: error.fields.map((field) => field.message).join('；') || error.message })
    this.setData({ captchaRound: captchaAfter(this.data.captchaRound, error.code) })
    if (error.retryAfter) {
      this.stopCountdown()
      this.stopCountdown = countdown(error.retryAfter, (wait) => this.setData({ wait }))
    }
  },
})
