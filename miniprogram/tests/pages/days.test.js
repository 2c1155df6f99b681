const { card, daysOf, order, refusal, script } = require('../answers')
const { launch } = require('../runtime')
const { check, choose, fill, walkToConfirm, WANG } = require('../steps')

const ext = { origin: 'https://t.example.com', slug: 'demo' }
const typed = { number: card.number, password: 'secret77' }
let mp

const start = async (answers) => {
  mp = await launch({ ext, network: script(answers) })
}
const asked = (end) => mp.requests.filter(({ url }) => url.split('?')[0].endsWith(end))
const sent = () => asked('/redemptions').map(({ data }) => JSON.parse(data))
const settled = () => mp.until(() => mp.data().days, 'the days')
const inSheet = (selector) => mp.inside('#days', selector)
const cell = (day) => mp.node('#days').querySelectorAll('.day').find(({ dom }) => dom.textContent.replace(/\s/g, '').startsWith(day))

async function toForm(answers) {
  await start(answers)
  await check(mp, typed)
  await choose(mp)
  await settled()
}

afterEach(() => mp.quit())

test('where the merchant takes no days there is none to choose and none is sent', async () => {
  await toForm({ redemptions: [{ order }] })
  expect(mp.has('#shipOn')).toBe(false)
  await fill(mp)
  await mp.arrive('confirm')
  expect(mp.has('#day')).toBe(false)
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(sent()[0].ship_on).toBe(null)
})

test('a day is chosen from a calendar that says of each day whether it can be had', async () => {
  await toForm({ days: daysOf(), redemptions: [{ order: { ...order, ship_on: '2026-11-30' } }] })
  expect(mp.text()).toContain('每天 17 点前下单')
  await mp.tap('#ship-on')
  const words = mp.node('#days').dom.textContent.replace(/\s+/g, ' ')
  for (const word of ['2026年11月', '26 备货中', '27 休息', '28 约满', '29 紧张', '30 可约', '2026年12月', '1 可约']) expect(words.replace(/ /g, '')).toContain(word.replace(/ /g, ''))
  // Thursday is the fourth column, Tuesday the second.
  const months = mp.node('#days').instance.data.months
  expect(months.map(({ cells }) => cells.filter(({ day }) => !day).length)).toEqual([3, 1])
  expect(mp.node('#days').querySelector('#soon')).toBe(undefined)
  cell('28').dispatchEvent('tap')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(mp.has('#days')).toBe(true)
  cell('30').dispatchEvent('tap')
  await mp.read('11月30日 周一')
  expect(mp.has('#days')).toBe(false)
  await fill(mp)
  await mp.arrive('confirm')
  expect(mp.text()).toContain('11月30日 周一')
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(sent()[0].ship_on).toBe('2026-11-30')
  expect(mp.text()).toContain('11月30日 周一')
})

test('the nearest day is one tap away, in the form and in the sheet', async () => {
  await toForm({ days: daysOf() })
  await mp.tap('#nearest')
  expect(mp.data().draft.shipOn).toBe('2026-11-29')
  expect(mp.has('#nearest')).toBe(false)
  await mp.tap('#ship-on')
  inSheet('#nearest').dispatchEvent('tap')
  await mp.until(() => !mp.has('#days'), 'the closed sheet')
  expect(mp.text()).toContain('11月29日 周日')
})

test('without a day there is no way on where one is required, with the nearest offered', async () => {
  await toForm({ days: daysOf() })
  await fill(mp)
  await mp.read('请选择预约发货日期')
  expect(mp.page().route).toBe('/pages/address/index')
  await mp.tap('#nearest')
  await mp.tap('#next')
  await mp.arrive('confirm')
  expect(mp.text()).toContain('11月29日 周日')
})

test('where none is required as soon as possible can be chosen, and is what goes out without a choice', async () => {
  await toForm({ days: daysOf({ required: false }), redemptions: [{ order }] })
  expect(mp.text()).toContain('尽快发货')
  await mp.tap('#ship-on')
  cell('30').dispatchEvent('tap')
  await mp.read('11月30日 周一')
  await mp.tap('#ship-on')
  inSheet('#soon').dispatchEvent('tap')
  await mp.until(() => !mp.has('#days'), 'the closed sheet')
  await fill(mp)
  await mp.arrive('confirm')
  expect(mp.text()).toContain('尽快发货')
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(sent()[0].ship_on).toBe(null)
})

test('another place has days of its own; a day that it has not is said at once, and nothing typed is lost', async () => {
  const far = daysOf({ days: daysOf().days.map((one) => (one.day === '2026-11-30' ? { ...one, open: false, reason: 'too_early' } : one)), nearest: '2026-12-01' })
  await toForm({ days: [daysOf(), far] })
  await mp.tap('#ship-on')
  cell('30').dispatchEvent('tap')
  await mp.type('#name', WANG.name)
  await mp.fire('#region', 'change', WANG.region)
  await mp.read('11月30日 周一不能预约，请另选日期')
  expect(asked('/days').map(({ url }) => url.split('?')[1])).toEqual(['product_id=1', 'product_id=1&region_code=110108'])
  expect(mp.data().draft).toMatchObject({ name: WANG.name, shipOn: '2026-11-30' })
  expect(mp.text()).toContain('最近可选 12月1日 周二')
  await mp.tap('#nearest')
  expect(mp.data().problems.shipOn).toBe('')
})

/** To the form, with the questions for days held back: the test answers them. */
async function holdDays() {
  const answers = []
  await start({})
  const { request } = global.wx
  global.wx.request = (options) => (options.url.includes('/days') ? void answers.push(options) : request(options))
  await check(mp, typed)
  await choose(mp)
  await mp.until(() => answers.length === 1, 'the first question')
  return answers
}

test('that a day is missing still stands there when the days of another place come', async () => {
  const answers = await holdDays()
  answers[0].success({ statusCode: 200, data: daysOf() })
  await settled()
  await fill(mp)
  await mp.read('请选择预约发货日期')
  answers[1].success({ statusCode: 200, data: daysOf({ note: '只送城区' }) })
  await mp.read('只送城区')
  expect(mp.data().problems.shipOn).toBe('请选择预约发货日期')
})

test('days that come late for a place left meanwhile are not shown', async () => {
  const answers = await holdDays()
  await mp.fire('#region', 'change', WANG.region)
  await mp.until(() => answers.length === 2, 'the second question')
  answers[1].success({ statusCode: 200, data: daysOf({ note: '海淀' }) })
  await mp.read('海淀')
  answers[0].success({ statusCode: 200, data: daysOf({ note: '任何地方' }) })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(mp.data().note).toBe('海淀')
})

test('days that did not load can be asked for again', async () => {
  await start({ days: ['refuse', daysOf()] })
  await check(mp, typed)
  await choose(mp)
  await mp.read('没有取到可选日期')
  await mp.tap('#reload-days')
  await mp.read('最近可选 11月29日 周日')
})

describe('the server refuses a day', () => {
  const full = (nearest) => refusal(409, 'day_full', '11月29日已约满，请另选日期', { nearest, days: daysOf({ nearest }) })

  const refuseDay = async (refused, later = { order }) => {
    await toForm({ days: daysOf(), redemptions: [refused, later] })
    await mp.tap('#nearest')
    await fill(mp)
    await mp.arrive('confirm')
    await mp.tap('#submit')
    await mp.read('已约满，请另选日期')
  }

  test('the nearest is taken by one tap and submitted by another, as another intent', async () => {
    await refuseDay(full('2026-11-30'))
    await mp.tap('#nearest')
    expect(mp.text()).toContain('11月30日 周一')
    expect(sent()).toHaveLength(1)
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(sent().map(({ ship_on: day }) => day)).toEqual(['2026-11-29', '2026-11-30'])
    expect(new Set(asked('/redemptions').map(({ header }) => header['Idempotency-Key'])).size).toBe(2)
  })

  test('another is chosen in the form, which keeps what was typed and says why', async () => {
    await refuseDay(full('2026-11-30'))
    await mp.tap('#way')
    await mp.arrive('address')
    await settled()
    expect(mp.data().draft).toMatchObject({ name: WANG.name, address: WANG.address, remark: WANG.remark, shipOn: '2026-11-29' })
    await mp.tap('#ship-on')
    cell('1').dispatchEvent('tap')
    await mp.read('12月1日 周二')
    await mp.tap('#next')
    await mp.arrive('confirm')
    expect(mp.text()).toContain('12月1日 周二')
  })

  test('with no day left only the form is offered', async () => {
    await refuseDay(full(null))
    expect(mp.has('#nearest')).toBe(false)
    expect(mp.has('#way')).toBe(true)
  })

  test('a day that the merchant has come to require meanwhile is asked for', async () => {
    const missing = refusal(422, 'day_missing', '请选择预约发货日期', { nearest: '2026-11-29', days: daysOf() })
    await start({ redemptions: [missing, { order }] })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.read('请选择预约发货日期')
    await mp.tap('#nearest')
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(sent().map(({ ship_on: day }) => day)).toEqual([null, '2026-11-29'])
  })
})
