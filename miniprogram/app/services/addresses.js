const { state } = require('../state')
const { ApiError, request } = require('../utils/request')

/** @typedef {import('../../api/types').SplitAddress} SplitAddress */
/** @typedef {import('../utils/receiver').Draft} Draft */

/** Characters that the server takes. */
const LONGEST = 500

/** What the form calls the parts. @type {Record<SplitAddress['missing'][number], string>} */
const PARTS = { name: '收货人', mobile: '手机号', province: '地区', city: '地区', district: '地区', address: '详细地址' }

/** @param {SplitAddress['missing']} parts */
function named(parts) {
  return [...new Set(parts.map((part) => PARTS[part]))].join('、')
}

/** @param {string} text @returns {Promise<SplitAddress>} */
function splitAddress(text) {
  return request('post', '/api/c/{slug}/addresses/split', state().slug, { body: { text: text.slice(0, LONGEST) } })
}

/**
 * The code of a place that is known by its names alone, or null.
 * @param {string[]} region
 * @returns {Promise<string | null>}
 */
async function regionCodeOf(region) {
  try {
    return (await splitAddress(region.join(''))).region_code || null
  } catch (thrown) {
    // The server finds it by the names again when the order is placed.
    if (thrown instanceof ApiError) return null
    throw thrown
  }
}

/**
 * What of the form a pasted address fills; what was not found stays as it is.
 * @param {SplitAddress} found
 * @returns {Partial<Draft>}
 */
function filledBy(found) {
  /** @type {Partial<Draft>} */
  const changes = {}
  // What must be dialled after a virtual number stands behind the name, as on parcels.
  if (found.name) changes.name = found.extension ? `${found.name}[${found.extension}]` : found.name
  if (found.mobile) changes.mobile = found.mobile
  if (found.address) changes.address = found.address
  if (found.province) {
    changes.region = [found.province, found.city, found.district]
    changes.regionCode = found.region_code || null
  }
  return changes
}

/**
 * What the holder should look at.
 * @param {SplitAddress} found
 */
function adviceOn(found) {
  const advice = []
  if (found.missing.length > 0) advice.push(`没有识别出${named(found.missing)}，请补填。`)
  if (!found.mobile && found.phone) advice.push(`${found.phone} 不是手机号，请填写手机号。`)
  if (found.unsure.length > 0) advice.push(`${named(found.unsure)}可能有误，请核对。`)
  return advice.join('') || '已填入下面的表格，请核对。'
}

module.exports = { LONGEST, adviceOn, filledBy, regionCodeOf, splitAddress }
