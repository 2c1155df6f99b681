/** wx.request as a promise, typed from the server's OpenAPI description. */

const { deviceId } = require('./device')
const { settings } = require('./merchant')

/** @typedef {import('../../api/types').Path} Path */
/** @typedef {import('../../api/types').Method} Method */
/** @typedef {import('../../api/types').FieldProblem} FieldProblem */

class ApiError extends Error {
  /**
   * @param {number} status 0 where no answer came
   * @param {string} code
   * @param {string} message a sentence for the reader
   * @param {Record<string, unknown>} data
   */
  constructor(status, code, message, data) {
    super(message)
    this.status = status
    this.code = code
    this.data = data
  }

  /** The server may or may not have done what was asked. */
  get lost() {
    return this.status === 0 || this.status >= 500
  }

  /** Seconds to wait before the next try, 0 where the server named none. */
  get retryAfter() {
    return this.status === 429 ? Math.max(1, Math.ceil(Number(this.data.retry_after) || 1)) : 0
  }

  /** @returns {FieldProblem[]} */
  get fields() {
    return Array.isArray(this.data.fields) ? this.data.fields : []
  }
}

/**
 * @param {unknown} thing
 * @returns {thing is Record<string, unknown>}
 */
function isObject(thing) {
  return typeof thing === 'object' && thing !== null
}

/**
 * @param {number} status
 * @param {unknown} body
 */
function refusal(status, body) {
  const error = isObject(body) && isObject(body.error) ? body.error : {}
  if (typeof error.code !== 'string' || typeof error.message !== 'string') {
    return new ApiError(status, 'unreadable_answer', '服务暂时不可用，请稍后重试', {})
  }
  return new ApiError(status, error.code, error.message, isObject(error.data) ? error.data : {})
}

/**
 * For catch blocks: what the server or the network refused. Anything else is a mistake of ours and stays loud.
 * @param {unknown} thrown
 */
function apiError(thrown) {
  if (thrown instanceof ApiError) return thrown
  throw thrown
}

/**
 * @template {Path} P
 * @template {Method} M
 * @typedef {object} Options
 * @property {import('../../api/types').Body<P, M>} [body]
 * @property {import('../../api/types').Query<P, M>} [query]
 * @property {string} [key] the Idempotency-Key
 * @property {string} [order] the order's number, where the path has one
 */

/**
 * @param {string} path
 * @param {string} slug
 * @param {string} order
 * @param {Record<string, unknown>} query
 */
function address(path, slug, order, query) {
  const parts = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  const whole = path.replace('{slug}', encodeURIComponent(slug)).replace('{order_number}', encodeURIComponent(order))
  return settings().origin + whole + (parts.length > 0 ? `?${parts.join('&')}` : '')
}

/**
 * @template {Path} P
 * @template {Method} M
 * @param {M} method
 * @param {P} path
 * @param {string} slug
 * @param {Options<P, M>} [options]
 * @returns {Promise<import('../../api/types').Answer<P, M>>}
 */
function request(method, path, slug, { body, query, key, order = '' } = {}) {
  return new Promise((resolve, reject) => {
    wx.request({
      url: address(path, slug, order, query || {}),
      method: method === 'post' ? 'POST' : 'GET',
      data: body && JSON.stringify(body),
      header: { 'Content-Type': 'application/json', 'X-Tihuo-Device': deviceId(), ...(key && { 'Idempotency-Key': key }) },
      timeout: 15000,
      success({ statusCode, data }) {
        if (statusCode >= 200 && statusCode < 300 && isObject(data)) {
          // The one place where an answer is believed to have the shape that the schema promises.
          resolve(/** @type {import('../../api/types').Answer<P, M>} */ (data))
        } else {
          reject(refusal(statusCode, data))
        }
      },
      fail() {
        reject(new ApiError(0, 'no_answer', '网络不通畅，请检查网络后重试', {}))
      },
    })
  })
}

module.exports = { ApiError, apiError, request }
