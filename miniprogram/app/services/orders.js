const { state } = require('../state')
const { pictureUrl } = require('../utils/merchant')
const { request } = require('../utils/request')

/** @typedef {import('../../api/types').OrderView} OrderView */

/** @param {OrderView} order @returns {OrderView} */
function wholeOrder(order) {
  return { ...order, product: { ...order.product, pictures: order.product.pictures.map(pictureUrl) } }
}

/**
 * Corrects address or day of an order that was not shipped, and shows it so from now on.
 * @param {string} number the order's
 * @param {import('../../api/types').Correction} correction what is null stays as it is
 * @param {import('../../api/types').CaptchaAnswer | null} captcha
 */
async function correctOrder(number, correction, captcha) {
  const { card, slug } = state()
  if (!card) throw new Error('an order is corrected with its card')
  /** @type {'mini_program'} */
  const source = 'mini_program'
  const body = { ...card, ...correction, source, captcha }
  const order = wholeOrder(await request('post', '/api/c/{slug}/orders/{order_number}/changes', slug, { body, order: number }))
  const { view } = state()
  if (view) state().view = { ...view, orders: view.orders.map((one) => (one.number === number ? order : one)) }
}

module.exports = { correctOrder, wholeOrder }
