const { state } = require('../state')
const { intentFor, isFor } = require('../utils/idempotency')
const { ApiError, apiError, request } = require('../utils/request')
const { checkCard } = require('./cards')
const { wholeOrder } = require('./orders')

/** Pauses before a lost answer is asked for again, in milliseconds. */
const PAUSES = [800, 2500]

/** @typedef {import('../../api/types').CardView} CardView */
/** @typedef {import('../../api/types').OrderView} OrderView */
/** @typedef {import('../../api/types').RedemptionForm} RedemptionForm */

/**
 * A form with other words was sent before, and its answer was lost: on a card for several pick-ups both could become
 * orders. So the card is looked at first.
 * @param {RedemptionForm} form
 */
async function settleFormer({ number, password }) {
  const view = await checkCard({ number, password })
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
 * @returns {Promise<OrderView>}
 */
async function redeem(form) {
  const former = state().intent
  if (former && !isFor(former, form)) await settleFormer(form)
  const { view } = state()
  if (!view) throw new Error('redeeming needs a card that was checked')
  const intent = intentFor(state().intent, form, view)
  state().intent = intent
  for (let attempt = 0; ; attempt++) {
    try {
      const { order } = await request('post', '/api/c/{slug}/redemptions', state().slug, { body: form, key: intent.key })
      const placed = wholeOrder(order)
      const draft = { ...state().draft, remark: '' }
      Object.assign(state(), { intent: null, productId: null, draft, view: afterPickUp(view, placed) })
      return placed
    } catch (thrown) {
      const error = apiError(thrown)
      const pause = PAUSES[attempt]
      if (!error.lost || pause === undefined) {
        // "Too many tries" says nothing about the intent itself: an earlier, lost try may have succeeded.
        if (!error.lost && error.status !== 429) state().intent = null
        throw error
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}

module.exports = { redeem }
