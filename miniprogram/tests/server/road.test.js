/**
 * The whole road against a running server. It uses up three cards, in this order: the first is redeemed and looked up
 * again, the second is submitted twice at once, the third meets every mishap before it is redeemed.
 */
const { launch } = require('../runtime')
const { check, choose, fill, walkToConfirm, WANG } = require('../steps')

jest.setTimeout(60_000)

/** The server's address and cards, from the environment. */
function server() {
  const { TIHUO_TEST_ORIGIN: origin, TIHUO_TEST_SLUG: slug, TIHUO_TEST_CARDS: list } = process.env
  if (!origin || !slug || !list) {
    throw new Error(
      'These tests need a running server: set TIHUO_TEST_ORIGIN, TIHUO_TEST_SLUG and TIHUO_TEST_CARDS ' +
        '(a JSON list of three unused {"number", "password"}), or run tests/with-server.sh.',
    )
  }
  const cards = JSON.parse(list)
  if (cards.length < 3) throw new Error(`TIHUO_TEST_CARDS holds ${cards.length} cards; these tests use up three.`)
  return { origin, slug, cards }
}

let ext, first, second, third
let mp

beforeAll(() => {
  const { origin, slug, cards } = server()
  ext = { origin, slug }
  ;[first, second, third] = cards
})

beforeEach(async () => {
  mp = await launch({ ext })
})

afterEach(() => {
  mp?.quit()
})

const redemptions = () => mp.requests.filter(({ url }) => url.endsWith('/redemptions'))

/** The server's own word on a card, not by way of the pages. */
async function ordersOf({ number, password }) {
  return new Promise((resolve, reject) => {
    mp.request({
      url: `${ext.origin}/api/c/${ext.slug}/cards/check`,
      method: 'POST',
      data: JSON.stringify({ number, password }),
      header: { 'Content-Type': 'application/json' },
      success: ({ data }) => resolve(data.orders),
      fail: reject,
    })
  })
}

test('a card is redeemed: check, choose, address, confirm, done', async () => {
  await check(mp, { number: ` ${first.number.toLowerCase()} `, password: first.password })
  await mp.arrive('choose')
  const { products } = mp.data()
  expect(products.length).toBeGreaterThan(1)
  expect(mp.attr('#next', 'disabled')).toBe(true)
  await choose(mp, 1)
  await fill(mp)
  await mp.arrive('confirm')
  for (const word of [products[1].name, '王小明', '13800138000', '北京市 海淀区 中关村大街 1 号', '周末送', first.number]) {
    expect(mp.text()).toContain(word)
  }
  await mp.tap('#submit')
  await mp.arrive('done')

  const [order] = await ordersOf(first)
  expect(mp.text()).toContain(order.number)
  await mp.tap('#copy')
  expect(mp.clipboard).toBe(order.number)
  expect(order).toMatchObject({
    status: 'to_ship',
    product: { name: products[1].name },
    receiver: { name: '王小明', mobile: '138****8000', province: '北京市', city: '北京市', district: '海淀区', address: '中关村大街 1 号' },
    remark: '周末送',
  })
  expect(JSON.parse(redemptions()[0].data)).toMatchObject({ source: 'mini_program', receiver: { region_code: '110108' } })

  await mp.tap('#order')
  await mp.arrive('order')
  expect(mp.text()).toContain('待发货')
  expect(mp.visited.join()).not.toContain(first.password)
})

test('the same card again shows its order', async () => {
  const [order] = await ordersOf(first)
  await check(mp, first)
  await mp.arrive('order')
  for (const word of [order.number, order.product.name, '138****8000', '待发货']) expect(mp.text()).toContain(word)
  await mp.tap('#refresh')
  await mp.until(() => !mp.data().busy, 'the refreshed order')
  expect(mp.text()).toContain(order.number)
})

test('two taps at once place one order', async () => {
  await walkToConfirm(mp, second)
  mp.node('#submit').dispatchEvent('tap')
  mp.node('#submit').dispatchEvent('tap')
  await mp.arrive('done')
  expect(redemptions()).toHaveLength(1)
  expect(await ordersOf(second)).toHaveLength(1)
})

test('two phones, one card: the later one is told and led to the order', async () => {
  // The second card is spent; this phone still has the page that was made before.
  await walkToConfirm(mp, third)
  global.getApp().globalData.card = second
  await mp.tap('#submit')
  await mp.until(() => mp.has('#way'), 'the way to the order')
  expect(mp.data().problem).not.toBe('')
  await mp.tap('#way')
  await mp.arrive('order')
  const [order] = await ordersOf(second)
  expect(mp.text()).toContain(order.number)
})

test("a wrong password shows the server's words and keeps what was typed", async () => {
  await check(mp, { number: third.number, password: 'WRONG12345' })
  await mp.until(() => mp.data().problem !== '', 'the refusal')
  expect(mp.page().route).toBe('/pages/check/index')
  expect(mp.data()).toMatchObject({ number: third.number, password: 'WRONG12345', busy: false })
  const known = mp.data().problem
  await mp.type('#number', 'NOSUCH99')
  await mp.tap('#check')
  await mp.until(() => mp.requests.length === 3 && !mp.data().busy, 'the second refusal')
  // Nothing tells an unknown number from a wrong password.
  expect(mp.data().problem).toBe(known)
})

test('what the server finds wrong stands at its field, and nothing typed is lost', async () => {
  await walkToConfirm(mp, third)
  // A value that the page's own check has let through, as with an older version of the page.
  mp.page().instance.setData({ receiver: { ...mp.data().receiver, mobile: '12345' } })
  await mp.tap('#submit')
  await mp.arrive('address')
  expect(mp.data().problems.mobile).toContain('手机号')
  expect(mp.text()).toContain(mp.data().problems.mobile)
  expect(mp.data().draft).toMatchObject({ name: WANG.name, address: WANG.address, remark: WANG.remark })
  await mp.type('#mobile', '13900139000')
  expect(mp.data().problems.mobile).toBe('')
  expect(await ordersOf(third)).toEqual([])
})

test('a lost answer is asked for again with the same key and gives the same order', async () => {
  await walkToConfirm(mp, third)
  // Every automatic try reaches the server, none of its answers reaches the phone.
  mp.network = ({ url }) => (url.endsWith('/redemptions') ? 'lose' : undefined)
  await mp.tap('#submit')
  await mp.until(() => mp.data().lost, 'the page to say that no answer came', 20)
  expect(mp.text()).toContain('不会重复下单')
  const [placed] = await ordersOf(third)

  mp.network = () => undefined
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.text()).toContain(placed.number)
  expect(new Set(redemptions().map(({ header }) => header['Idempotency-Key'])).size).toBe(1)
  expect(redemptions().length).toBeGreaterThan(2)
  expect(await ordersOf(third)).toHaveLength(1)
})

test('a storefront that does not exist says so', async () => {
  mp.quit()
  mp = await launch({ ext: { origin: ext.origin }, query: { scene: 'no-such-shop' } })
  await mp.until(() => mp.data().status === 'empty', 'the missing storefront')
  expect(mp.data().statusMessage).not.toBe('')
})
