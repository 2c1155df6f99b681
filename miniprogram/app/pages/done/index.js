const { state } = require('../../state')
const { copy } = require('../../utils/copy')
const { needCard } = require('../../utils/guard')
const { themeStyle } = require('../../utils/theme')

Page({
  data: { theme: '', colour: '#07c160', number: '' },

  onLoad() {
    const [order] = state().orders
    if (!needCard() || !order) return
    const colour = state().storefront?.theme_color
    this.setData({ theme: themeStyle(colour), colour: colour || this.data.colour, number: order.number })
  },

  onCopy() {
    copy(this.data.number)
  },

  onOrder() {
    wx.redirectTo({ url: '/pages/order/index' })
  },

  onHome() {
    wx.reLaunch({ url: '/pages/check/index' })
  },
})
