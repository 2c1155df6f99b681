/** Places to which nothing is sent. Codes alone decide, as on the server. */

/** @typedef {import('../../api/types').Product} Product */

/**
 * Whether an area (province, city or district) holds a region.
 * @param {string} area
 * @param {string} region
 */
function covers(area, region) {
  if (area.endsWith('0000')) return region.slice(0, 2) === area.slice(0, 2)
  if (area.endsWith('00')) return region.slice(0, 4) === area.slice(0, 4)
  return region === area
}

/** @param {string} note */
function inBrackets(note) {
  return note ? `（${note}）` : ''
}

/**
 * What is said before the form is filled; empty where a product goes everywhere.
 * @param {Product | undefined} product
 */
function nowhere(product) {
  if (!product || product.undeliverable.length === 0) return ''
  return `以下地区暂不发货：${product.undeliverable.map(({ name }) => name).join('、')}${inBrackets(product.undeliverable_note)}`
}

/**
 * Why a product can't be sent to a region, or ''.
 * @param {Product | undefined} product
 * @param {string | null} region its code, where it is known
 */
function refusedAt(product, region) {
  if (!product || !region) return ''
  const area = product.undeliverable.find(({ code }) => covers(code, region))
  return area ? `抱歉，${area.name}暂不发货，请更换收货地址${inBrackets(product.undeliverable_note)}` : ''
}

module.exports = { covers, nowhere, refusedAt }
