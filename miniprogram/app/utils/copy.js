/**
 * Copies a number for the holder; WeChat says by itself that it has.
 * @param {string} text
 */
function copy(text) {
  wx.setClipboardData({
    data: text,
    fail() {
      // Refused in WeChat's privacy question.
      wx.showToast({ title: '没有复制成功，请长按号码复制', icon: 'none' })
    },
  })
}

module.exports = { copy }
