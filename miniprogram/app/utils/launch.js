/** How a mini-program is opened: by an ordinary QR code (`q`), a mini-program code (`scene`), or a scan inside it. */

const { cardNumber, halfWidth } = require('./text')

/**
 * @typedef {object} Target
 * @property {string} slug empty where the code does not say
 * @property {string} number empty where the code does not say
 */

const SLUG = '[A-Za-z0-9_-]{1,64}'
const NUMBER = '[A-Za-z0-9-]{1,64}'
const LINK = new RegExp(`^https?://[^/?#]+/c/(${SLUG})(?:/(${NUMBER}))?/?(?:[?#].*)?$`, 'i')
const SCENE = new RegExp(`^(${SLUG})(?:/(${NUMBER}))?$`)
const BARE = new RegExp(`^${NUMBER}$`)

/** @param {string | undefined} text */
function decoded(text) {
  try {
    return decodeURIComponent(text || '')
  } catch {
    return ''
  }
}

/**
 * @param {RegExp} pattern
 * @param {string} text
 * @returns {Target | null}
 */
function match(pattern, text) {
  const found = pattern.exec(text)
  return found && { slug: found[1] || '', number: cardNumber(found[2] || '') }
}

/**
 * A card's printed link. Its host is not looked at: a merchant may have one of its own.
 * @param {string} text
 */
function fromLink(text) {
  return match(LINK, text.trim())
}

/**
 * What a page's onLoad was given.
 * @param {Record<string, string | undefined>} query
 * @returns {Target}
 */
function fromQuery(query) {
  return fromLink(decoded(query.q)) || match(SCENE, decoded(query.scene)) || { slug: '', number: '' }
}

/**
 * What the camera read: a card's link, a bare number, or one of our mini-program codes; null for anything else.
 * @param {{ result?: string, path?: string }} scan
 * @returns {Target | null}
 */
function fromScan(scan) {
  const scene = /[?&]scene=([^&#]*)/.exec(scan.path || '')
  if (scene) return match(SCENE, decoded(scene[1]))
  const text = halfWidth(scan.result || '').trim()
  const bare = text.replace(/\s/g, '')
  return fromLink(text) || (BARE.test(bare) ? { slug: '', number: cardNumber(bare) } : null)
}

module.exports = { fromLink, fromQuery, fromScan }
