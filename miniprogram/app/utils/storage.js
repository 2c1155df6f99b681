/**
 * The phone's storage, of this mini-program alone. What must not stay on a phone, the card's password above all, is
 * never handed to it. It may fail, on a full phone for one: then nothing is kept, and everything works without.
 */

/**
 * @template T
 * @param {() => T} work
 * @param {T} otherwise
 */
function tried(work, otherwise) {
  try {
    return work()
  } catch {
    return otherwise
  }
}

/** @param {string} key @returns {unknown} '' where nothing is kept */
function read(key) {
  return tried(() => wx.getStorageSync(key), '')
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function write(key, value) {
  tried(() => wx.setStorageSync(key, value), undefined)
}

/** @param {string} key */
function remove(key) {
  tried(() => wx.removeStorageSync(key), undefined)
}

/** @returns {string[]} */
function keys() {
  return tried(() => wx.getStorageInfoSync().keys, [])
}

module.exports = { read, write, remove, keys }
