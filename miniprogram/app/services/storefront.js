const { request } = require('../utils/request')
const { pictureUrl } = require('../utils/merchant')

/**
 * @param {string} slug
 * @returns {Promise<import('../../api/types').Storefront>}
 */
async function loadStorefront(slug) {
  const shop = await request('get', '/api/c/{slug}/storefront', slug)
  return {
    ...shop,
    logo_url: shop.logo_url && pictureUrl(shop.logo_url),
    banner_url: shop.banner_url && pictureUrl(shop.banner_url),
  }
}

module.exports = { loadStorefront }
