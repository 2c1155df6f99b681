let moving = false

/**
 * Opens the next page once, however often the button is tapped while it opens.
 * @param {string} url
 */
function openPage(url) {
  if (moving) return
  moving = true
  wx.navigateTo({
    url,
    complete() {
      moving = false
    },
  })
}

module.exports = { openPage }
