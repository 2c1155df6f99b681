const { state } = require('../state')
const { request } = require('../utils/request')

/** A captcha, which serves once: its id, and its picture as a data URI. */
function newCaptcha() {
  return request('post', '/api/c/{slug}/captchas', state().slug)
}

module.exports = { newCaptcha }
