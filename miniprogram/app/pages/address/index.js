/** The form of a new order, or with ?correct=1 what of a placed one may still be corrected. */

const { state } = require('../../state')
const { LONGEST, adviceOn, filledBy, regionCodeOf, splitAddress } = require('../../services/addresses')
const { loadDays } = require('../../services/days')
const { clearDraft, keepDraft } = require('../../services/drafts')
const { correctOrder } = require('../../services/orders')
const { nowhere, refusedAt } = require('../../utils/areas')
const { captchaAfter } = require('../../utils/captcha')
const { countdown } = require('../../utils/countdown')
const { AS_SOON_AS_POSSIBLE, dayName, dayProblem, isDayRefusal } = require('../../utils/days')
const { needCard } = require('../../utils/guard')
const { openPage } = require('../../utils/navigate')
const { controlOf, emptyDraft, placeOf, problemsOf, toReceiver } = require('../../utils/receiver')
const { apiError } = require('../../utils/request')
const { mobile } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../utils/receiver').Draft} Draft */
/** @typedef {import('../../utils/request').ApiError} ApiError */
/** @typedef {import('../../../api/types').CaptchaAnswer} CaptchaAnswer */
/** @typedef {import('../../../api/types').DaysView} DaysView */
/** @typedef {import('../../../api/types').FieldProblem} FieldProblem */

/**
 * Problems by the control that shows them; several of one control are one text.
 * @param {FieldProblem[]} problems
 */
function byControl(problems) {
  /** @type {Record<string, string>} */
  const shown = {}
  for (const { field, message } of problems) {
    const control = controlOf(field)
    shown[control] = shown[control] ? `${shown[control]}；${message}` : message
  }
  return shown
}

/**
 * Whether a form names another receiver than the order has. The mobile came masked and is typed only to be sent.
 * @param {Draft} draft
 * @param {import('../../../api/types').OrderView['receiver']} receiver
 */
function differs(draft, receiver) {
  const typed = toReceiver(draft)
  return typed.mobile !== '' || placeOf(typed) !== placeOf(receiver) || typed.name !== receiver.name
}

Page({
  data: {
    theme: '',
    intro: '',
    nowhere: '',
    draft: emptyDraft(),
    region: '',
    problems: /** @type {Record<string, string>} */ ({}),
    notice: '',
    pasting: false,
    pasteText: '',
    splitting: false,
    correcting: false,
    mayAddress: true,
    /** Of the order that is corrected, masked. */
    knownMobile: '',
    days: /** @type {DaysView | null} */ (null),
    /** Whether the form has a day. */
    dated: false,
    daysFor: '',
    daysProblem: '',
    dayWords: '',
    note: '',
    /** The day that is offered where the chosen one can't be had. */
    nearestName: '',
    picking: false,
    busy: false,
    wait: 0,
    problem: '',
    captchaRound: 0,
    captcha: /** @type {CaptchaAnswer | null} */ (null),
  },

  stopCountdown() {},

  onLoad(query) {
    const { correction } = state()
    if (query.correct !== '1' || !correction) return
    const { order } = correction
    this.setData({ correcting: true, mayAddress: order.may_correct_address, knownMobile: order.receiver.mobile })
    wx.setNavigationBarTitle({ title: '修改订单' })
  },

  onShow() {
    if (!needCard()) return
    const { storefront, problems } = state()
    this.setData({
      theme: themeStyle(storefront),
      intro: this.data.correcting ? '' : storefront?.texts.form || '',
      nowhere: this.data.mayAddress ? nowhere(this.product()) : '',
    })
    this.change({})
    this.showDays(null)
    if (problems.length > 0) {
      this.showProblems(problems)
      state().problems = []
    }
    return this.reloadDays()
  },

  onHide() {
    if (!this.data.correcting) keepDraft()
  },

  onUnload() {
    this.stopCountdown()
    if (this.data.correcting) state().correction = null
    else keepDraft()
  },

  /** What holds the form's draft: the order that is corrected, or the one to come. */
  form() {
    return (this.data.correcting && state().correction) || state()
  },

  productId() {
    return this.data.correcting ? state().correction?.order.product_id : state().productId
  },

  product() {
    return state().view?.products.find(({ id }) => id === this.productId())
  },

  /** The day that the order has already: it may stay, whatever the days say. */
  ownDay() {
    return (this.data.correcting && state().correction?.order.ship_on) || null
  },

  /**
   * What is typed goes into the state at once, so that leaving the page loses nothing.
   * @param {Partial<Draft>} changes
   */
  change(changes) {
    const draft = { ...this.form().draft, ...changes }
    this.form().draft = draft
    this.setData({ draft, region: placeOf({ ...toReceiver(draft), address: '' }) })
  },

  /** @param {FieldProblem[]} problems */
  showProblems(problems) {
    const shown = byControl(problems)
    this.setData({ problems: shown })
    if (shown.shipOn) this.offerNearest()
    const first = ['name', 'mobile', 'region', 'address', 'shipOn', 'remark'].find((control) => shown[control])
    if (first) wx.pageScrollTo({ selector: `#${first}`, offsetTop: -80, fail() {} })
  },

  /** @param {string} control */
  clearProblem(control) {
    if (this.data.problems[control]) this.setData({ problems: { ...this.data.problems, [control]: '' } })
  },

  /** @param {WechatMiniprogram.CustomEvent<{ value: string }, {}, { name: 'name' | 'mobile' | 'address' | 'remark' }>} event */
  onInput(event) {
    const { name } = event.currentTarget.dataset
    this.change({ [name]: event.detail.value })
    this.clearProblem(name)
  },

  /** @param {WechatMiniprogram.CustomEvent<{ value: string[], code: string[] }>} event */
  onRegion(event) {
    const { value, code } = event.detail
    this.change({ region: value, regionCode: code[2] || null })
    return this.regionChanged()
  },

  /** A place is refused as soon as it is chosen, and has days of its own. */
  async regionChanged() {
    const { region, regionCode } = this.form().draft
    if (region.length > 0 && !regionCode) {
      const found = await regionCodeOf(region)
      // Another place may have been chosen meanwhile.
      if (this.form().draft.region !== region) return
      this.change({ regionCode: found })
    }
    const refusal = refusedAt(this.product(), this.form().draft.regionCode)
    this.setData({ problems: { ...this.data.problems, region: refusal } })
    await this.reloadDays()
  },

  onWechatAddress() {
    wx.chooseAddress({
      success: (chosen) => {
        this.change({
          name: chosen.userName,
          mobile: chosen.telNumber,
          region: [chosen.provinceName, chosen.cityName, chosen.countyName],
          // nationalCode is of no certain level; the three names say which place it is.
          regionCode: null,
          address: chosen.detailInfo,
        })
        this.setData({ problems: {}, notice: '' })
        this.regionChanged()
      },
      fail: ({ errMsg }) => {
        if (!/cancel/.test(errMsg)) this.setData({ notice: '没有取到微信地址，请直接在下面填写。' })
      },
    })
  },

  /** The clipboard is read at this tap only, and shown before any of it is sent: it may hold something else. */
  onPaste() {
    this.setData({ pasting: true, notice: '' })
    wx.getClipboardData({
      success: ({ data }) => {
        if (data.trim() && !this.data.pasteText) this.setData({ pasteText: data.trim().slice(0, LONGEST) })
      },
      // Refused in WeChat's privacy question: the holder can still paste.
      fail() {},
    })
  },

  /** @param {WechatMiniprogram.Input} event */
  onPasteText(event) {
    this.setData({ pasteText: event.detail.value })
  },

  onPasteClose() {
    this.setData({ pasting: false, pasteText: '' })
  },

  async onSplit() {
    const text = this.data.pasteText.trim()
    if (this.data.splitting) return
    if (!text) {
      this.setData({ notice: '请先粘贴要识别的地址。' })
      return
    }
    this.setData({ splitting: true, notice: '' })
    try {
      const found = await splitAddress(text)
      this.change(filledBy(found))
      this.setData({ problems: {}, notice: adviceOn(found), pasting: false, pasteText: '' })
      await this.regionChanged()
    } catch (thrown) {
      this.setData({ notice: apiError(thrown).message })
    } finally {
      this.setData({ splitting: false })
    }
  },

  onClear() {
    wx.showModal({
      content: '清空已填写的收货信息？',
      confirmText: '清空',
      success: ({ confirm }) => {
        if (!confirm) return
        clearDraft()
        this.setData({ problems: {}, notice: '' })
        this.change({})
        this.reloadDays()
      },
    })
  },

  /** Asks which days there are for this product and place. */
  async reloadDays() {
    const productId = this.productId()
    if (!productId || (this.data.correcting && !state().correction?.order.may_correct_date)) return
    const { regionCode } = this.form().draft
    const daysFor = `${productId}/${regionCode}`
    this.setData({ daysFor })
    try {
      const days = await loadDays(productId, regionCode)
      if (daysFor !== this.data.daysFor) return
      this.showDays(days)
      this.judgeDay()
    } catch (thrown) {
      const error = apiError(thrown)
      if (daysFor === this.data.daysFor) this.setData({ daysProblem: `没有取到可选日期：${error.message}` })
    }
  },

  onReloadDays() {
    return this.reloadDays()
  },

  /** @param {DaysView | null} days null while nobody knows */
  showDays(days) {
    if (!this.data.correcting) state().days = days
    const { shipOn } = this.form().draft
    const required = days?.required || this.data.correcting
    this.setData({
      days,
      dated: days !== null && days.mode !== 'none',
      daysProblem: '',
      dayWords: shipOn ? dayName(shipOn) : required ? '' : AS_SOON_AS_POSSIBLE,
      note: days?.note || '',
    })
    if (!days) this.setData({ nearestName: '' })
    else this.offerNearest()
  },

  /** Says at once that the chosen day is not to be had any more; that none was chosen yet only if it was said before. */
  judgeDay() {
    const { shipOn } = this.form().draft
    const judged = shipOn ? shipOn !== this.ownDay() : Boolean(this.data.problems.shipOn)
    const problem = judged ? dayProblem(this.data.days, shipOn) : ''
    this.setData({ problems: { ...this.data.problems, shipOn: problem } })
    this.offerNearest()
  },

  /** The nearest day by one tap, where none is chosen that can be had. */
  offerNearest() {
    const { days, draft, problems } = this.data
    const nearest = days && days.mode !== 'none' ? days.nearest : null
    const wanted = problems.shipOn || (days?.required && !draft.shipOn)
    this.setData({ nearestName: nearest && wanted && nearest !== draft.shipOn ? dayName(nearest) : '' })
  },

  onPickDay() {
    if (this.data.days) this.setData({ picking: true })
  },

  onPickClose() {
    this.setData({ picking: false })
  },

  /** @param {WechatMiniprogram.CustomEvent<{ day: string | null }>} event */
  onPicked(event) {
    this.pick(event.detail.day)
  },

  onNearest() {
    this.pick(this.data.days?.nearest || null)
  },

  /** @param {string | null} day */
  pick(day) {
    this.change({ shipOn: day })
    this.setData({ picking: false })
    this.clearProblem('shipOn')
    this.showDays(this.data.days)
  },

  /** Whether the form says where to send: of an order that is corrected, only where something was changed. */
  sendsReceiver() {
    const correction = this.data.correcting && state().correction
    return !correction || (correction.order.may_correct_address && differs(correction.draft, correction.order.receiver))
  },

  /** What can be said before the server is asked. */
  problems() {
    const { draft } = this.form()
    const sends = this.sendsReceiver()
    const problems = sends ? problemsOf(draft) : []
    const refusal = sends ? refusedAt(this.product(), draft.regionCode) : ''
    if (refusal) problems.push({ field: 'receiver.region_code', message: refusal })
    const late = draft.shipOn !== null && draft.shipOn === this.ownDay() ? '' : dayProblem(this.data.days, draft.shipOn)
    if (late) problems.push({ field: 'ship_on', message: late })
    return problems
  },

  onNext() {
    this.change({ mobile: mobile(state().draft.mobile) })
    const problems = this.problems()
    if (problems.length > 0) this.showProblems(problems)
    else openPage('/pages/confirm/index')
  },

  /** @param {WechatMiniprogram.CustomEvent<{ captcha: CaptchaAnswer | null }>} event */
  onCaptcha(event) {
    this.setData({ captcha: event.detail.captcha })
  },

  async onSave() {
    const { correction } = state()
    if (this.data.busy || this.data.wait > 0 || !correction) return
    const { order } = correction
    this.change({ mobile: mobile(correction.draft.mobile) })
    const problems = this.problems()
    const { draft } = correction
    if (problems.length > 0) {
      this.showProblems(problems)
      return
    }
    if (this.data.captchaRound > 0 && !this.data.captcha) {
      this.setData({ problem: '请输入图形验证码' })
      return
    }
    const receiver = this.sendsReceiver() ? toReceiver(draft) : null
    const day = order.may_correct_date && draft.shipOn !== order.ship_on ? draft.shipOn : null
    if (!receiver && !day) {
      this.setData({ problem: '还没有修改任何内容' })
      return
    }
    this.setData({ busy: true, problem: '' })
    try {
      await correctOrder(order.number, { receiver, ship_on: day }, this.data.captcha)
      wx.showToast({ title: '已修改', icon: 'success' })
      // "busy" stays: the button is dead until the page is gone.
      wx.navigateBack()
    } catch (thrown) {
      this.setData({ busy: false })
      this.showRefusal(apiError(thrown))
    }
  },

  /** Everything typed stays. @param {ApiError} error */
  showRefusal(error) {
    const problems = error.fields.filter(({ field }) => controlOf(field))
    if (error.code === 'undeliverable_area') problems.push({ field: 'receiver.region_code', message: error.message })
    if (isDayRefusal(error.code)) {
      this.showDays(/** @type {DaysView} */ (error.data.days))
      problems.push({ field: 'ship_on', message: error.message })
    }
    if (problems.length > 0) this.showProblems(problems)
    else this.setData({ problem: error.fields.map(({ message }) => message).join('；') || error.message })
    this.setData({ captchaRound: captchaAfter(this.data.captchaRound, error.code) })
    if (error.retryAfter) {
      this.stopCountdown()
      this.stopCountdown = countdown(error.retryAfter, (wait) => this.setData({ wait }))
    }
  },
})
