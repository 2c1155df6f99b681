const { state } = require('../state')

/**
 * The card that the later pages are about. WeChat may open one of them without the first (a link kept in "recently
 * used", after the program was ended); then it goes back to the first.
 */
function needCard() {
  const { view } = state()
  if (!view) wx.reLaunch({ url: '/pages/check/index' })
  return view
}

module.exports = { needCard }
