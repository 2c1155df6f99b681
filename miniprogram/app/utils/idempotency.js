/**
 * One key for one intent, that is for one filled form: every retry of the same form carries the same key, so that the
 * server can answer it with the same order; a changed form is another intent.
 */

/** @typedef {{ key: string, form: string }} Intent */

/**
 * Only has to be unlike every other key, not secret. It is made without waiting (unlike wx.getRandomValues), so that
 * nothing comes between a tap and its key.
 */
function newKey() {
  const random = () => Math.random().toString(36).slice(2, 12).padEnd(10, '0')
  return `mp-${Date.now().toString(36)}-${random()}${random()}`
}

/**
 * The intent for `form`: the given one where it is still the same form.
 * @param {Intent | null} intent
 * @param {unknown} form
 * @returns {Intent}
 */
function intentFor(intent, form) {
  const text = JSON.stringify(form)
  return intent && intent.form === text ? intent : { key: newKey(), form: text }
}

module.exports = { intentFor }
