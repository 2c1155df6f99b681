const { state } = require('../state')
const { request } = require('../utils/request')

/**
 * The days on which a product can be shipped to a region.
 * @param {number} productId
 * @param {string | null} regionCode
 * @returns {Promise<import('../../api/types').DaysView>}
 */
function loadDays(productId, regionCode) {
  const query = { product_id: productId, ...(regionCode && { region_code: regionCode }) }
  return request('get', '/api/c/{slug}/days', state().slug, { query })
}

module.exports = { loadDays }
