/**
 * Full-width letters, digits and signs (an input method's habit) become plain ones.
 * @param {string} text
 */
function halfWidth(text) {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
}

/**
 * A card number as it is printed: no blanks, no dashes, capitals. The server does the same; here it only makes
 * the screen look right.
 * @param {string} text
 */
function cardNumber(text) {
  return halfWidth(text).replace(/[\s-]/g, '').toUpperCase()
}

/**
 * @param {string} text
 */
function mobile(text) {
  return halfWidth(text).replace(/[\s-]/g, '').replace(/^(\+|00)?86(?=1\d{10}$)/, '')
}

/**
 * Typed text as the one line that the server takes: a text area lets line breaks in.
 * @param {string} text
 */
function oneLine(text) {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim()
}

/** @param {number | null} fen */
function yuan(fen) {
  if (fen === null) return ''
  return `¥${fen % 100 === 0 ? fen / 100 : (fen / 100).toFixed(2)}`
}

/**
 * @param {string | null} from
 * @param {string | null} until
 */
function validity(from, until) {
  if (from && until) return `${from} 至 ${until}`
  if (until) return `${until} 前有效`
  return from ? `${from} 起有效` : ''
}

/** @typedef {Pick<import('../../api/types').CardView, 'state' | 'open' | 'uses_total' | 'uses_left'>} Uses */

/**
 * Of a card for several pick-ups; empty for any other.
 * @param {Uses} card
 */
function uses({ state, uses_total: total, uses_left: left }) {
  if (total <= 1) return ''
  if (state === 'redeemable') return `共 ${total} 次，还可提 ${left} 次`
  return left === 0 ? `已全部提完（${total} 次）` : `共 ${total} 次，已提 ${total - left} 次`
}

/**
 * The same, right after a pick-up.
 * @param {Uses} card
 */
function usesLeft(card) {
  return canRepeat(card) ? `还可提 ${card.uses_left} 次` : uses(card)
}

/**
 * Whether there is a next pick-up to offer.
 * @param {Uses} card
 */
function canRepeat(card) {
  return card.uses_total > 1 && card.state === 'redeemable' && card.open
}

/**
 * An instant in China's time, whatever zone the phone is set to.
 * @param {string} iso
 */
function chinaTime(iso) {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() + 8 * 3600000).toISOString().slice(0, 16).replace('T', ' ')
}

module.exports = { halfWidth, cardNumber, mobile, oneLine, yuan, validity, uses, usesLeft, canRepeat, chinaTime }
