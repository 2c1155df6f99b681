const { state } = require('../state')
const { intentFor } = require('../utils/idempotency')
const { apiError, request } = require('../utils/request')
const { wholeOrder } = require('./orders')

/** Pauses before a lost answer is asked for again, in milliseconds. */
const PAUSES = [800, 2500]

/**
 * Redeems the card. The key is kept until the server has answered for good, so a retry, here or by the holder's next
 * tap, can only bring back the same order.
 * @param {import('../../api/types').RedemptionForm} form
 * @returns {Promise<import('../../api/types').OrderView>}
 */
async function redeem(form) {
  const intent = intentFor(state().intent, form)
  state().intent = intent
  for (let attempt = 0; ; attempt++) {
    try {
      const { order } = await request('post', '/api/c/{slug}/redemptions', state().slug, { body: form, key: intent.key })
      state().intent = null
      return wholeOrder(order)
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
