/**
 * One key for one intent, that is for one filled form: every retry of the same form carries the same key, so that the
 * server can answer it with the same order; a changed form is another intent. What only goes along with a form (a
 * captcha's answer, the uses that the page showed) is no part of it, here as on the server.
 */

/** @typedef {import('../../api/types').CardView} CardView */

/**
 * @typedef {object} Intent
 * @property {string} key
 * @property {string} form
 * @property {string} card the card's number as the server writes it
 * @property {number} ordersBefore orders that the card had when the form was sent
 */

/**
 * Only has to be unlike every other key, not secret. It is made without waiting (unlike wx.getRandomValues), so that
 * nothing comes between a tap and its key.
 */
function newKey() {
  const random = () => Math.random().toString(36).slice(2, 12).padEnd(10, '0')
  return `mp-${Date.now().toString(36)}-${random()}${random()}`
}

/**
 * @param {Intent} intent
 * @param {unknown} form
 */
function isFor(intent, form) {
  return intent.form === JSON.stringify(form)
}

/**
 * The intent for `form`: the given one where it is still the same form.
 * @param {Intent | null} intent
 * @param {unknown} form
 * @param {Pick<CardView, 'number' | 'orders'>} view the card as the holder sees it
 * @returns {Intent}
 */
function intentFor(intent, form, view) {
  if (intent && isFor(intent, form)) return intent
  return { key: newKey(), form: JSON.stringify(form), card: view.number, ordersBefore: view.orders.length }
}

/**
 * Whether the card shows an order that the unanswered intent may have become. A card for several pick-ups can be
 * redeemed with the same form again; the key must not serve that one too: it would bring back the first order.
 * @param {Intent | null} intent
 * @param {Pick<CardView, 'number' | 'orders'>} view
 */
function orderCame(intent, view) {
  return intent !== null && intent.card === view.number && view.orders.length > intent.ordersBefore
}

module.exports = { intentFor, isFor, orderCame }
