const { state } = require('../state')
const { orderCame } = require('../utils/idempotency')
const { request } = require('../utils/request')
const { pictureUrl, richText } = require('../utils/merchant')
const { wholeOrder } = require('./orders')

/** @typedef {import('../../api/types').CardView} CardView */
/** @typedef {import('../../api/types').CardKey} CardKey */
/** @typedef {import('../../api/types').CaptchaAnswer} CaptchaAnswer */

/** Said when nobody can tell whether the order is the one whose answer was lost. */
const ORDER_CAME = '这张卡刚刚新增了一笔订单，请先核对订单，再决定是否继续提货。'

/** @param {CardView} answer @returns {CardView} */
function wholeCard(answer) {
  return {
    ...answer,
    products: answer.products.map((product) => ({
      ...product,
      pictures: product.pictures.map(pictureUrl),
      detail_html: richText(product.detail_html),
    })),
    orders: answer.orders.map(wholeOrder).sort((one, other) => Date.parse(other.placed_at) - Date.parse(one.placed_at)),
  }
}

/**
 * Asks the server about a card and keeps the answer for the next pages. An unanswered intent ends here once it may have
 * become an order, or when it was another card's.
 * @param {import('../../api/types').CardKey} card
 * @param {CaptchaAnswer | null} [captcha]
 * @returns {Promise<CardView>}
 */
async function checkCard(card, captcha = null) {
  /** @type {CardKey & { source: 'mini_program', captcha: CaptchaAnswer | null }} */
  const body = { ...card, source: 'mini_program', captcha }
  const view = wholeCard(await request('post', '/api/c/{slug}/cards/check', state().slug, { body }))
  const { intent } = state()
  Object.assign(state(), { card, view, notice: '' })
  if (orderCame(intent, view)) {
    const notice = view.state === 'redeemable' ? ORDER_CAME : ''
    Object.assign(state(), { intent: null, productId: null, notice })
  } else if (intent && intent.card !== view.number) {
    state().intent = null
  }
  return view
}

module.exports = { checkCard }
