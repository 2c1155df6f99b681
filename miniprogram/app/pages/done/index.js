const { state } = require('../../state')
const { checkCard } = require('../../services/cards')
const { copy } = require('../../utils/copy')
const { needCard } = require('../../utils/guard')
const { apiError } = require('../../utils/request')
const { canRepeat, usesLeft } = require('../../utils/text')
const { themeStyle } = require('../../utils/theme')

Page({
  data: { theme: '', colour: '#07c160', number: '', left: '', more: false },

  async onLoad() {
    const view = needCard()
    const order = view?.orders[0]
    if (!view || !order) return
    const colour = state().storefront?.theme_color
    this.setData({ theme: themeStyle(colour), colour: colour || this.data.colour, number: order.number })
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
