const { state } = require('../state')
const { request } = require('../utils/request')
const { pictureUrl, richText } = require('../utils/merchant')
const { wholeOrder } = require('./orders')

/**
 * Asks the server about a card and keeps the answer for the next pages.
 * @param {import('../../api/types').CardKey} card
 * @returns {Promise<import('../../api/types').CardView>}
 */
async function checkCard(card) {
  const answer = await request('post', '/api/c/{slug}/cards/check', state().slug, { body: card })
  const view = {
    ...answer,
    products: answer.products.map((product) => ({
      ...product,
      pictures: product.pictures.map(pictureUrl),
      detail_html: richText(product.detail_html),
    })),
    orders: answer.orders.map(wholeOrder),
  }
  Object.assign(state(), { card, view, orders: view.orders })
  return view
}

module.exports = { checkCard }
