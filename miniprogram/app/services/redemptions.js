const { state } = require('../state')
const { fromGuard } = require('../utils/captcha')
const { intentFor, isFor } = require('../utils/idempotency')
const { ApiError, apiError, request } = require('../utils/request')
const { checkCard } = require('./cards')
const { settleDraft } = require('./drafts')
const { wholeOrder } = require('./orders')

/** Pauses before a lost answer is asked for again, in milliseconds. */
const PAUSES = [800, 2500]

/** @typedef {import('../../api/types').CardView} CardView */
/** @typedef {import('../../api/types').OrderView} OrderView */
/** @typedef {import('../../api/types').RedemptionForm} RedemptionForm */
/** @typedef {import('../../api/types').CaptchaAnswer} CaptchaAnswer */

/**
 * A form with other words was sent before, and its answer was lost: on a card for several pick-ups both could become
 * orders. So the card is looked at first.
 * @param {RedemptionForm} form
 * @param {CaptchaAnswer | null} captcha
 */
async function settleFormer({ number, password }, captcha) {
  const view = await checkCard({ number, password }, captcha)
  if (!state().intent) throw new ApiError(409, 'order_came', state().notice || view.message, {})
}

/**
 * The card after its order, as far as can be known without asking again.
 * @param {CardView} view
 * @param {OrderView} order
 * @returns {CardView}
 */
function afterPickUp(view, order) {
  const left = view.uses_left - 1
  return { ...view, uses_left: left, state: left > 0 ? view.state : 'redeemed', orders: [order, ...view.orders] }
}

/**
 * Redeems the card that was checked. The key is kept until the server has answered for good, so a retry, here or by the holder's next
 * tap, can only bring back the same order.
 * @param {RedemptionForm} form
 * @param {{ captcha?: CaptchaAnswer | null, usesLeftSeen: number }} along what goes with the form and is no part of it
 * @returns {Promise<OrderView>}
 */
async function redeem(form, { captcha = null, usesLeftSeen }) {
  const former = state().intent
  if (former && !isFor(former, form)) await settleFormer(form, captcha)
  const { view } = state()
  if (!view) throw new Error('redeeming needs a card that was checked')
  const intent = intentFor(state().intent, form, view)
  state().intent = intent
  const body = { ...form, captcha, uses_left_seen: usesLeftSeen }
  for (let attempt = 0; ; attempt++) {
    try {
      const { order } = await request('post', '/api/c/{slug}/redemptions', state().slug, { body, key: intent.key })
      const placed = wholeOrder(order)
      Object.assign(state(), { intent: null, productId: null, days: null, view: afterPickUp(view, placed) })
      settleDraft()
      return placed
    } catch (thrown) {
      const error = apiError(thrown)
      const pause = PAUSES[attempt]
      if (!error.lost || pause === undefined) {
        // The guard's refusals say nothing about the intent itself: an earlier, lost try may have succeeded.
        if (!error.lost && !fromGuard(error.code)) state().intent = null
        throw error
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}

module.exports = { redeem }
