const { ApiError, request } = require('../../app/utils/request')

function answering(options) {
  global.wx = {
    getStorageSync: () => '',
    setStorageSync() {},
    getExtConfigSync: () => ({ origin: 'https://t.example.com/' }),
    request: (asked) => {
      global.wx.asked = asked
      if (options.fail) asked.fail({ errMsg: 'request:fail timeout' })
      else asked.success(options)
    },
  }
}

const storefront = () => request('get', '/api/c/{slug}/storefront', 'a b')

test('the answer is handed on', async () => {
  answering({ statusCode: 200, data: { name: '果园' } })
  expect(await storefront()).toEqual({ name: '果园' })
  expect(global.wx.asked.url).toBe('https://t.example.com/api/c/a%20b/storefront')
})

test('a query and an order number stand in the address as they must', async () => {
  answering({ statusCode: 200, data: {} })
  await request('get', '/api/c/{slug}/days', 'demo', { query: { product_id: 3, region_code: '110108' } })
  expect(global.wx.asked.url).toBe('https://t.example.com/api/c/demo/days?product_id=3&region_code=110108')
  await request('post', '/api/c/{slug}/orders/{order_number}/changes', 'demo', { order: 'A/1' })
  expect(global.wx.asked.url).toBe('https://t.example.com/api/c/demo/orders/A%2F1/changes')
})

test('each request names the phone, the same one every time, and works on a phone that keeps nothing', async () => {
  const kept = new Map()
  answering({ statusCode: 200, data: {} })
  Object.assign(global.wx, { getStorageSync: (key) => kept.get(key) ?? '', setStorageSync: (key, value) => kept.set(key, value) })
  await storefront()
  const first = global.wx.asked.header['X-Tihuo-Device']
  expect(first).toMatch(/^[A-Za-z0-9_-]{16,64}$/)
  await storefront()
  expect(global.wx.asked.header['X-Tihuo-Device']).toBe(first)
  const full = () => {
    throw new Error('setStorageSync:fail exceed storage max size')
  }
  Object.assign(global.wx, { getStorageSync: full, setStorageSync: full })
  await storefront()
  expect(global.wx.asked.header['X-Tihuo-Device']).toMatch(/^[A-Za-z0-9_-]{16,64}$/)
})

test("a refusal keeps the server's words, fields and waiting time", async () => {
  answering({
    statusCode: 429,
    data: { error: { code: 'too_many_tries', message: '请 30 秒后再试', data: { retry_after: 29.2 }, request_id: 'r' } },
  })
  const error = await storefront().catch((thrown) => thrown)
  expect(error).toBeInstanceOf(ApiError)
  expect([error.code, error.message, error.retryAfter, error.lost]).toEqual(['too_many_tries', '请 30 秒后再试', 30, false])
})

test.each([
  ['no answer', { fail: true }],
  ["a gateway's page", { statusCode: 502, data: '<html>Bad Gateway</html>' }],
  ['a broken answer', { statusCode: 500, data: { error: 'x' } }],
])('%s leaves it open whether the server did it', async (_, options) => {
  answering(options)
  const error = await storefront().catch((thrown) => thrown)
  expect(error.lost).toBe(true)
  expect(error.message).not.toMatch(/[a-z]/)
})
