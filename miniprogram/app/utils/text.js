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

/**
 * An instant in China's time, whatever zone the phone is set to.
 * @param {string} iso
 */
function chinaTime(iso) {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() + 8 * 3600000).toISOString().slice(0, 16).replace('T', ' ')
}

module.exports = { halfWidth, cardNumber, mobile, oneLine, yuan, validity, chinaTime }
