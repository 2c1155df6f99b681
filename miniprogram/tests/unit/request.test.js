const { ApiError, request } = require('../../app/utils/request')

function answering(options) {
  global.wx = {
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
