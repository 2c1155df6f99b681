/**
 * The whole road against a running server. It uses up three cards, in this order: the first is redeemed and looked up
 * again, the second is submitted twice at once, the third meets every mishap before it is redeemed for a day, which is
 * then changed. It leaves the merchant with days to choose and places to which nothing is sent, and this machine's
 * address with a captcha to solve.
 */
const { launch } = require('../runtime')
const { check, choose, fill, walkToConfirm, WANG } = require('../steps')

jest.setTimeout(60_000)

/** The server's address and cards, from the environment. */
function server() {
  const { TIHUO_TEST_ORIGIN: origin, TIHUO_TEST_SLUG: slug, TIHUO_TEST_CARDS: list, TIHUO_TEST_STAFF: account, TIHUO_TEST_CAPTCHA: reading } = process.env
  if (!origin || !slug || !list || !account || !reading) {
    throw new Error(
      'These tests need a running server: set TIHUO_TEST_ORIGIN, TIHUO_TEST_SLUG, TIHUO_TEST_CARDS ' +
        '(a JSON list of three unused {"number", "password"}), TIHUO_TEST_STAFF ({"account", "password"}) and ' +
        'TIHUO_TEST_CAPTCHA, or run tests/with-server.sh.',
    )
  }
  const cards = JSON.parse(list)
  if (cards.length < 3) throw new Error(`TIHUO_TEST_CARDS holds ${cards.length} cards; these tests use up three.`)
  return { origin, slug, cards, staff: JSON.parse(account), reading }
}

let ext, first, second, third, staff, reading
let mp

beforeAll(() => {
  const { origin, slug, cards, ...others } = server()
  ;({ staff, reading } = others)
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
  const { data } = await call('POST', `/api/c/${ext.slug}/cards/check`, { number, password })
  return data.orders
}

/** A request that no page makes. */
function call(method, path, body, cookie = '') {
  return new Promise((resolve, reject) => {
    mp.request({
      url: ext.origin + path,
      method,
      data: body && JSON.stringify(body),
      header: { 'Content-Type': 'application/json', ...(cookie && { Cookie: cookie }) },
      success: (answer) => (answer.statusCode < 300 ? resolve(answer) : reject(new Error(JSON.stringify(answer.data)))),
      fail: ({ errMsg }) => reject(new Error(errMsg)),
    })
  })
}

/** What the merchant sets, by a staff account. */
async function set(settings) {
  const { data: captcha } = await call('POST', '/api/m/captchas')
  const { header } = await call('POST', '/api/m/sessions', { ...staff, captcha_id: captcha.id, captcha_answer: reading })
  const [cookie] = header['set-cookie'][0].split(';')
  for (const [name, changes] of Object.entries(settings)) {
    const { data } = await call('GET', `/api/m/settings/${name}`, undefined, cookie)
    const before = { ...data, ...(data.undeliverable && { undeliverable: data.undeliverable.map(({ code }) => code) }) }
    await call('PUT', `/api/m/settings/${name}`, { ...before, ...changes }, cookie)
  }
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

test('a place to which nothing is sent is named, refused at the region and by the server', async () => {
  await set({ pickup: { undeliverable: ['110000'], undeliverable_note: '生鲜不便运输' } })
  await check(mp, third)
  await choose(mp)
  await mp.read('以下地区暂不发货：北京市（生鲜不便运输）')
  await mp.fire('#region', 'change', WANG.region)
  await mp.read('抱歉，北京市暂不发货')
  // As for a page that was opened before: it knows of no such place.
  const { view } = global.getApp().globalData
  view.products = view.products.map((product) => ({ ...product, undeliverable: [] }))
  await fill(mp)
  await mp.arrive('confirm')
  await mp.tap('#submit')
  await mp.arrive('address')
  expect(mp.data().problems.region).toContain('北京市暂不发货')
  expect(mp.data().draft).toMatchObject({ name: WANG.name, address: WANG.address })
  await set({ pickup: { undeliverable: [], undeliverable_note: '' } })
})

test('a pasted address fills the form', async () => {
  await check(mp, third)
  await choose(mp)
  global.wx.getClipboardData = ({ success }) => success({ data: '收货人：李雷\n13900139000\n广东省深圳市南山区科技园路 1 号' })
  await mp.tap('#paste')
  await mp.tap('#split')
  await mp.read('已填入下面的表格')
  expect(mp.data().draft).toMatchObject({
    name: '李雷', mobile: '13900139000', region: ['广东省', '深圳市', '南山区'], regionCode: '440305', address: '科技园路 1 号',
  })
})

test('a lost answer is asked for again with the same key and gives the same order, for the day that was chosen', async () => {
  await set({ appointments: { mode: 'window', required: true, earliest_days: 2, latest_days: 9, weekdays: [1, 2, 3, 4, 5, 6, 7], quota: 1 } })
  await check(mp, third)
  await choose(mp)
  await mp.until(() => mp.data().days, 'the days')
  await fill(mp)
  await mp.read('请选择预约发货日期')
  await mp.tap('#nearest')
  const { nearest } = mp.data().days
  await mp.tap('#next')
  await mp.arrive('confirm')
  // Every automatic try reaches the server, none of its answers reaches the phone.
  mp.network = ({ url }) => (url.endsWith('/redemptions') ? 'lose' : undefined)
  await mp.tap('#submit')
  await mp.until(() => mp.data().lost, 'the page to say that no answer came', 20)
  expect(mp.text()).toContain('不会重复下单')
  const [placed] = await ordersOf(third)
  expect(placed.ship_on).toBe(nearest)

  mp.network = () => undefined
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.text()).toContain(placed.number)
  expect(new Set(redemptions().map(({ header }) => header['Idempotency-Key'])).size).toBe(1)
  expect(redemptions().length).toBeGreaterThan(2)
  expect(await ordersOf(third)).toHaveLength(1)
})

test('day and address of an order are changed as long as it was not shipped', async () => {
  const [before] = await ordersOf(third)
  await check(mp, third)
  await mp.arrive('order')
  await mp.tap('.correct')
  await mp.arrive('address')
  await mp.until(() => mp.data().days, 'the days')
  // The order's own place fills its day.
  expect(mp.data().days.days.find(({ day }) => day === before.ship_on)).toMatchObject({ open: false, reason: 'full' })
  await mp.tap('#ship-on')
  mp.inside('#days', '#nearest').dispatchEvent('tap')
  await mp.until(() => !mp.has('#days'), 'the closed sheet')
  await mp.type('#address', '新港中路 397 号')
  await mp.type('#mobile', '13900139000')
  await mp.tap('#save')
  await mp.arrive('order')
  await mp.read('新港中路 397 号')
  const [after] = await ordersOf(third)
  expect(after.ship_on > before.ship_on).toBe(true)
  expect(after).toMatchObject({ number: before.number, receiver: { name: WANG.name, mobile: '139****9000', address: '新港中路 397 号' } })
})

test('while the storefront is paused a card still shows its order', async () => {
  await set({ pickup: { paused: true, pause_notice: '盘点中，下周恢复提货。' } })
  mp.quit()
  mp = await launch({ ext })
  await mp.read('盘点中，下周恢复提货。')
  await check(mp, first)
  await mp.arrive('order')
  await set({ pickup: { paused: false, pause_notice: '' } })
})

test('a storefront that does not exist says so', async () => {
  mp.quit()
  mp = await launch({ ext: { origin: ext.origin }, query: { scene: 'no-such-shop' } })
  await mp.until(() => mp.data().status === 'empty', 'the missing storefront')
  expect(mp.data().statusMessage).not.toBe('')
})

test('after wrong passwords a captcha is wanted, and the right card with it is shown', async () => {
  await check(mp, { number: third.number, password: 'WRONG12345' })
  for (let tries = 1; mp.data().captchaRound === 0 && tries < 10; tries++) {
    await mp.until(() => !mp.data().busy, 'the refusal')
    await mp.tap('#check')
    await mp.until(() => !mp.data().busy, 'the refusal')
  }
  expect(mp.data().problem).toContain('验证码')
  await mp.type('#password', third.password)
  await mp.until(() => mp.node('#captcha').querySelector('#captcha-image'), 'the picture')
  const answer = async (words) => {
    mp.inside('#captcha', '#captcha-input').dispatchEvent('input', { detail: { value: words } })
    await mp.until(() => mp.data().captcha?.answer === words, 'the answer')
    await mp.tap('#check')
  }
  await answer('0000')
  await mp.until(() => !mp.data().busy && mp.node('#captcha').querySelector('#captcha-image') && !mp.data().captcha, 'another picture')
  expect(mp.page().route).toBe('/pages/check/index')
  await answer(reading)
  await mp.arrive('order')
})
