const config = require('../config')

/**
 * @typedef {object} Settings
 * @property {string} origin
 * @property {string} slug
 * @property {boolean} fixed the mini-program belongs to this one merchant
 */

/** @returns {Settings} */
function settings() {
  /** @type {Record<string, unknown>} */
  const ext = wx.getExtConfigSync()
  const slug = typeof ext.slug === 'string' ? ext.slug : ''
  const origin = typeof ext.origin === 'string' && ext.origin ? ext.origin : config.origin
  return { origin: origin.replace(/\/+$/, ''), slug: slug || config.slug, fixed: Boolean(slug) }
}

/**
 * A picture's address as the server gave it, whole: <image> knows no origin.
 * @param {string} url
 */
function pictureUrl(url) {
  return url.startsWith('/') ? settings().origin + url : url
}

/**
 * The same for the pictures inside a product's description, which must not be wider than the page: style sheets do not
 * reach into <rich-text>. The server leaves pictures nothing but src and alt.
 * @param {string} html
 */
function richText(html) {
  return html
    .replace(/(<img\b[^>]*?\bsrc=")\//gi, (_, start) => `${start}${settings().origin}/`)
    .replace(/<img\b/gi, '<img style="max-width:100%;height:auto;display:block"')
}

/**
 * How the merchant is reached, as the pages show it.
 * @param {import('../../api/types').Storefront | null} shop
 */
function contactOf(shop) {
  return { phone: shop?.contact_phone || '', hours: shop?.contact_hours || '', wechat: shop?.contact_wechat || '' }
}

module.exports = { contactOf, settings, pictureUrl, richText }
