/** When the server wants a captcha, and when the one on the screen is spent. */

/** Refusals that say nothing about what was asked for: the request was not looked at. */
const GUARDS = new Set(['captcha_needed', 'captcha_wrong', 'too_many_tries', 'address_blocked'])

/** @param {string} code */
function fromGuard(code) {
  return GUARDS.has(code)
}

/**
 * Which captcha the page shows after a refusal; 0 is none. Each serves once, right or wrong, so that a refusal of any
 * kind brings the next one where one is shown.
 * @param {number} round of the one that is shown
 * @param {string} code of the refusal
 */
function captchaAfter(round, code) {
  if (code === 'too_many_tries' || code === 'address_blocked') return 0
  return round > 0 || fromGuard(code) ? round + 1 : 0
}

module.exports = { captchaAfter, fromGuard }
