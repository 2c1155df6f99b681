const { state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { copy } = require('../../utils/copy')
const { dayName } = require('../../utils/days')
const { needCard } = require('../../utils/guard')
const { apiError } = require('../../utils/request')
const { canRepeat, usesLeft } = require('../../utils/text')
const { themeColour, themeStyle } = require('../../utils/theme')

Page({
  data: { theme: '', colour: '', words: '', shipOn: '', number: '', left: '', more: false },

  async onLoad() {
    const view = needCard()
    const order = view?.orders[0]
    if (!view || !order) return
    const { storefront } = state()
    this.setData({
      theme: themeStyle(storefront),
      colour: themeColour(storefront),
      words: storefront?.texts.done || '商家会尽快为您发货。用同一张卡的卡号和密码，随时可以查看订单。',
      shipOn: order.ship_on ? dayName(order.ship_on) : '',
      number: order.number,
    })
    this.showUses(view)
    if (view.uses_total > 1) await this.recount()
  },

  /** @param {import('../../../api/types').CardView} view */
  showUses(view) {
    this.setData({ left: usesLeft(view), more: canRepeat(view) })
  },

  /** The rest of the family may have used the card too. */
  async recount() {
    const { card } = state()
    if (!card) return
    try {
      this.showUses(await checkCard(card))
    } catch (thrown) {
      // Without an answer the count stays as this phone knows it.
      apiError(thrown)
    }
  },

  onCopy() {
    copy(this.data.number)
  },

  onAgain() {
    wx.redirectTo({ url: '/pages/choose/index' })
  },

  onOrder() {
    wx.redirectTo({ url: '/pages/order/index' })
  },

  onHome() {
    wx.reLaunch({ url: '/pages/check/index' })
  },
})
