const { state } = require('../../state')
const { needCard } = require('../../utils/guard')
const { openPage } = require('../../utils/navigate')
const { controlOf, emptyDraft, placeOf, problemsOf, toReceiver } = require('../../utils/receiver')
const { mobile } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

/** @typedef {import('../../utils/receiver').Draft} Draft */
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

Page({
  data: {
    theme: '',
    draft: emptyDraft(),
    region: '',
    problems: /** @type {Record<string, string>} */ ({}),
    notice: '',
  },

  onShow() {
    if (!needCard()) return
    this.setData({ theme: themeStyle(state().storefront?.theme_color) })
    this.change({})
    if (state().problems.length > 0) {
      this.showProblems(state().problems)
      state().problems = []
    }
  },

  /**
   * What is typed goes into the state at once, so that leaving the page loses nothing.
   * @param {Partial<Draft>} changes
   */
  change(changes) {
    const draft = { ...state().draft, ...changes }
    state().draft = draft
    this.setData({ draft, region: placeOf({ ...toReceiver(draft), address: '' }) })
  },

  /** @param {FieldProblem[]} problems */
  showProblems(problems) {
    const shown = byControl(problems)
    this.setData({ problems: shown })
    const first = ['name', 'mobile', 'region', 'address', 'remark'].find((control) => shown[control])
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
    this.clearProblem('region')
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
      },
      fail: ({ errMsg }) => {
        if (!/cancel/.test(errMsg)) this.setData({ notice: '没有取到微信地址，请直接在下面填写。' })
      },
    })
  },

  onNext() {
    this.change({ mobile: mobile(state().draft.mobile) })
    const problems = problemsOf(state().draft)
    if (problems.length > 0) this.showProblems(problems)
    else openPage('/pages/confirm/index')
  },
})
