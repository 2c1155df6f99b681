/**
 * What the pages hand on to each other. It lives in getApp().globalData, that is in memory: the card's password
 * must neither be stored on the phone nor stand in a page's address.
 */

/** @typedef {import('../api/types').Storefront} Storefront */
/** @typedef {import('../api/types').CardKey} CardKey */
/** @typedef {import('../api/types').CardView} CardView */
/** @typedef {import('../api/types').FieldProblem} FieldProblem */
/** @typedef {import('./utils/idempotency').Intent} Intent */
/** @typedef {import('./utils/receiver').Draft} Draft */
/** @typedef {import('../api/types').DaysView} DaysView */
/** @typedef {{ order: import('../api/types').OrderView, draft: Draft }} Correction */

/**
 * @typedef {object} State
 * @property {string} slug the merchant whose storefront is open
 * @property {Storefront | null} storefront
 * @property {CardKey | null} card number and password, as typed
 * @property {CardView | null} view what the server said about the card; its orders newest first
 * @property {number | null} productId
 * @property {Draft} draft
 * @property {FieldProblem[]} problems what the server found wrong with the form, for the address page to show
 * @property {DaysView | null} days on which the chosen product can be shipped to the form's region, as far as is known
 * @property {Correction | null} correction of an order, while its form is open
 * @property {Intent | null} intent of a form that was sent and not yet answered for good
 * @property {string} notice what the holder must know before choosing
 */

const { emptyDraft } = require('./utils/receiver')

/** @returns {State} */
function blank() {
  return {
    slug: '',
    storefront: null,
    card: null,
    view: null,
    productId: null,
    draft: emptyDraft(),
    problems: [],
    days: null,
    correction: null,
    intent: null,
    notice: '',
  }
}

/** @returns {State} */
function state() {
  /** @type {WechatMiniprogram.App.Instance<{ globalData: State }>} */
  const app = getApp()
  return app.globalData
}

/** Forgets the card. What was typed into the address form stays: whoever has one card often has another. */
function forgetCard() {
  Object.assign(state(), { card: null, view: null, productId: null, problems: [], days: null, correction: null, notice: '' })
}

module.exports = { blank, state, forgetCard }
