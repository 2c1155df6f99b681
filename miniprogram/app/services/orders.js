const { pictureUrl } = require('../utils/merchant')

/**
 * @param {import('../../api/types').OrderView} order
 * @returns {import('../../api/types').OrderView}
 */
function wholeOrder(order) {
  return { ...order, product: { ...order.product, pictures: order.product.pictures.map(pictureUrl) } }
}

module.exports = { wholeOrder }
