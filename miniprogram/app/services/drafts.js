/** Forms that were begun, kept on the phone for each card's number; never its password. */

const { state } = require('../state')
const { emptyDraft } = require('../utils/receiver')
const { keys, read, remove, write } = require('../utils/storage')

const PREFIX = 'draft/'
const LIFETIME = 30 * 24 * 3600 * 1000

/** @typedef {import('../utils/receiver').Draft} Draft */
/** @typedef {{ at: number, productId: number | null, draft: Draft }} Kept */

/** @param {string} number */
function keyOf(number) {
  return `${PREFIX}${state().slug}/${number}`
}

/** @param {string} key @returns {Kept | null} null also for what is too old */
function kept(key) {
  const found = /** @type {Partial<Kept> | ''} */ (read(key))
  if (!found || typeof found.at !== 'number' || !found.draft) return null
  const age = Date.now() - found.at
  // An older version may have known fewer fields.
  return age >= 0 && age < LIFETIME ? { at: found.at, productId: found.productId ?? null, draft: { ...emptyDraft(), ...found.draft } } : null
}

/** Keeps the form of the card at hand as it is now, as long as the card can be redeemed. */
function keepDraft() {
  const { view, draft, productId } = state()
  if (!view) return
  const empty = productId === null && JSON.stringify(draft) === JSON.stringify(emptyDraft())
  if (empty || view.state !== 'redeemable') remove(keyOf(view.number))
  else write(keyOf(view.number), { at: Date.now(), productId, draft })
}

/**
 * Takes up the form of the card at hand where it was left; what is typed already stays where there is none. Where an
 * order may have come of it, its product is to be chosen anew.
 */
function takeUpDraft() {
  const { view, notice } = state()
  const found = view && kept(keyOf(view.number))
  if (found) Object.assign(state(), { draft: found.draft, productId: notice ? null : found.productId })
}

/** Forgets what was typed for the card at hand, here and on the phone. The chosen product stays. */
function clearDraft() {
  const { view } = state()
  state().draft = emptyDraft()
  if (view) remove(keyOf(view.number))
}

/** After an order: whoever it went to is kept as long as the card can be redeemed again. */
function settleDraft() {
  state().draft = { ...state().draft, remark: '', shipOn: null }
  keepDraft()
}

/** Erases what has grown old, whosever it was. */
function sweepDrafts() {
  for (const key of keys()) if (key.startsWith(PREFIX) && !kept(key)) remove(key)
}

module.exports = { clearDraft, keepDraft, settleDraft, sweepDrafts, takeUpDraft }
