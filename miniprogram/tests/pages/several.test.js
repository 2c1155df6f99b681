/** A card for several pick-ups: each is an order of its own, under a key of its own. */
const { card, order, refusal, script, sixTimes } = require('../answers')
const { launch } = require('../runtime')
const { check, choose, walkToConfirm, WANG } = require('../steps')

const ext = { origin: 'https://t.example.com', slug: 'demo' }
const typed = { number: card.number, password: 'secret77' }
let mp

const start = async (answers) => {
  mp = await launch({ ext, network: script(answers) })
}
const keys = () => mp.requests.map(({ header }) => header['Idempotency-Key']).filter(Boolean)
const forms = () => mp.requests.filter(({ url }) => url.endsWith('/redemptions')).map(({ data }) => data)
const placed = (number) => ({ order: { ...order, number, status: 'to_ship', shipments: [], placed_at: '2026-11-23T04:00:00Z' } })

/** Once the first page has left its trace in the address form, only the product and the remark are new. */
async function again() {
  await mp.tap('#again')
  await choose(mp)
  await mp.type('#remark', WANG.remark)
  await mp.tap('#next')
  await mp.arrive('confirm')
}

async function loseAnswers() {
  await mp.tap('#submit')
  await mp.until(() => mp.data().lost, 'the lost answer')
}

afterEach(() => mp.quit())

test('the card says what is left and leads to its orders, the newest first, and back', async () => {
  await start({ check: sixTimes(2) })
  await check(mp, typed)
  await mp.arrive('choose')
  for (const words of ['共 6 次，还可提 4 次', '2 笔', '每次可任选一件，共 2 种']) expect(mp.text()).toContain(words)
  await mp.tap('#orders')
  await mp.arrive('order')
  expect(mp.text()).toContain('共 6 次，还可提 4 次')
  expect(mp.data().orders.map(({ number }) => number)).toEqual(['202611220002', '202611220001'])
  await mp.tap('#again')
  await mp.arrive('choose')
  expect(mp.text()).toContain('还可提 4 次')
})

test('it is picked up again without typing the card, with the same words under another key', async () => {
  await start({
    check: [sixTimes(2), sixTimes(3), sixTimes(4)],
    redemptions: [placed('NEW3'), placed('NEW4')],
  })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.text()).toContain('NEW3')
  await mp.read('还可提 3 次')
  await mp.tap('#again')
  await mp.arrive('choose')
  expect(mp.text()).toContain('共 6 次，还可提 3 次')
  expect(mp.data().productId).toBe(null)
  await choose(mp)
  expect(mp.data().draft).toMatchObject({ name: WANG.name, address: WANG.address, remark: '' })
  await mp.type('#remark', WANG.remark)
  await mp.tap('#next')
  await mp.arrive('confirm')
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.text()).toContain('NEW4')
  await mp.read('还可提 2 次')
  const [one, two] = forms().map((form) => JSON.parse(form))
  expect([one.uses_left_seen, two.uses_left_seen]).toEqual([4, 3])
  expect({ ...two, uses_left_seen: 4 }).toEqual(one)
  expect(new Set(keys()).size).toBe(2)
  expect(mp.visited.filter((url) => url.includes('check'))).toHaveLength(1)
})

test("a lost answer of the second is asked for again under the second's key", async () => {
  await start({
    check: [sixTimes(2), sixTimes(3), sixTimes(4)],
    redemptions: [placed('NEW3'), 'refuse', 'refuse', 'refuse', placed('NEW4')],
  })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.arrive('done')
  await mp.read('还可提 3 次')
  await again()
  await loseAnswers()
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.text()).toContain('NEW4')
  const [first, ...second] = keys()
  expect(second).toHaveLength(4)
  expect(new Set(second).size).toBe(1)
  expect(second).not.toContain(first)
})

test('the key of a lost pick-up never serves the next one, once the card shows its order', async () => {
  await start({
    check: [sixTimes(2), sixTimes(3), sixTimes(4)],
    redemptions: ['refuse', 'refuse', 'refuse', placed('NEW4')],
  })
  await walkToConfirm(mp, typed)
  await loseAnswers()
  const [lost] = keys()
  global.wx.reLaunch({ url: '/pages/check/index' })
  await mp.arrive('check')
  await check(mp, typed)
  await mp.arrive('choose')
  expect(mp.text()).toContain('新增了一笔订单')
  expect(mp.data().productId).toBe(null)
  await choose(mp)
  await mp.tap('#next')
  await mp.arrive('confirm')
  await mp.tap('#submit')
  await mp.arrive('done')
  const [first, , , next] = forms().map((form) => JSON.parse(form))
  expect(next).toEqual({ ...first, uses_left_seen: 3 })
  expect(keys()).toEqual([lost, lost, lost, expect.not.stringMatching(lost)])
})

test('as long as no order came, checking the card again keeps the key of the lost one', async () => {
  await start({
    check: [sixTimes(2), sixTimes(2), sixTimes(3)],
    redemptions: ['refuse', 'refuse', 'refuse', placed('NEW3')],
  })
  await walkToConfirm(mp, typed)
  await loseAnswers()
  global.wx.reLaunch({ url: '/pages/check/index' })
  await mp.arrive('check')
  await check(mp, typed)
  await choose(mp)
  await mp.tap('#next')
  await mp.arrive('confirm')
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(keys()).toHaveLength(4)
  expect(new Set(keys()).size).toBe(1)
})

test('a form changed after a lost answer is not sent before the card was looked at', async () => {
  await start({ check: [sixTimes(2), 'refuse', sixTimes(3), sixTimes(3)], redemptions: ['refuse', 'refuse', 'refuse'] })
  await walkToConfirm(mp, typed)
  await loseAnswers()
  global.wx.navigateBack()
  await mp.arrive('address')
  await mp.type('#remark', '放门口')
  await mp.tap('#next')
  await mp.arrive('confirm')
  await loseAnswers()
  expect(mp.text()).toContain('网络不通畅')
  expect(keys()).toHaveLength(3)
  await mp.tap('#submit')
  await mp.read('新增了一笔订单')
  expect(keys()).toHaveLength(3)
  await mp.tap('#way')
  await mp.arrive('order')
  expect(mp.data().orders).toHaveLength(3)
  await mp.tap('#again')
  await mp.arrive('choose')
})

test('the last pick-up says that all are done', async () => {
  await start({ check: [sixTimes(5), sixTimes(6), sixTimes(6)], redemptions: [placed('NEW6')] })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.arrive('done')
  await mp.read('已全部提完（6 次）')
  expect(mp.has('#again')).toBe(false)
  await mp.tap('#order')
  await mp.arrive('order')
  expect(mp.text()).toContain('已全部提完（6 次）')
  expect(mp.has('#message')).toBe(false)
  expect(mp.has('#again')).toBe(false)
  await mp.tap('#refresh')
  await mp.until(() => !mp.data().busy, 'the refreshed orders')
  expect(mp.data().orders).toHaveLength(6)
})

test('the count is right without an answer, and corrected by one', async () => {
  await start({ check: [sixTimes(2), 'refuse'], redemptions: [placed('NEW3')] })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.arrive('done')
  await mp.until(() => mp.requests.filter(({ url }) => url.endsWith('/check')).length === 2, 'the second look')
  expect(mp.text()).toContain('还可提 3 次')
  mp.quit()
  // Another phone was there in between.
  await start({ check: [sixTimes(2), sixTimes(4)], redemptions: [placed('NEW3')] })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.arrive('done')
  await mp.read('还可提 2 次')
})

test('an expired card says so above its orders', async () => {
  await start({ check: sixTimes(2, { state: 'expired', message: '这张卡已过期' }) })
  await check(mp, typed)
  await mp.arrive('order')
  for (const words of ['这张卡已过期', '共 6 次，已提 2 次']) expect(mp.text()).toContain(words)
  expect(mp.has('#again')).toBe(false)
})

test('one that was never used and can not be says how many it was for', async () => {
  await start({ check: sixTimes(0, { state: 'inactive', message: '这张卡还没有激活' }) })
  await check(mp, typed)
  await mp.read('这张卡还没有激活')
  expect(mp.text()).toContain('共 6 次，已提 0 次')
})

test('a card for one pick-up says nothing of times, and asks no more', async () => {
  await start({ check: [card], redemptions: [{ order }] })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.has('#left')).toBe(false)
  expect(mp.has('#again')).toBe(false)
  await mp.tap('#order')
  await mp.arrive('order')
  expect(mp.text()).not.toMatch(/\d 次/)
  expect(mp.has('#again')).toBe(false)
  expect(mp.requests.filter(({ url }) => url.endsWith('/check'))).toHaveLength(1)
})

test('the words of a card that was used up on another phone lead to its orders', async () => {
  const gone = refusal(409, 'card_already_redeemed', '这张卡已经提过货了')
  await start({ check: [sixTimes(5), sixTimes(6)], redemptions: [gone] })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.read('这张卡已经提过货了')
  await mp.tap('#way')
  await mp.arrive('order')
  expect(mp.text()).toContain('已全部提完（6 次）')
})

test('a card that was used meanwhile shows its orders before the next pick-up, which has another key', async () => {
  const meanwhile = refusal(409, 'card_used_meanwhile', '这张卡刚刚又提了一次货，请先核对订单')
  await start({ check: [sixTimes(2), sixTimes(3), sixTimes(4)], redemptions: [meanwhile, placed('NEW4')] })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.read('刚刚又提了一次货')
  await mp.tap('#way')
  await mp.arrive('order')
  expect(mp.data().orders).toHaveLength(3)
  await again()
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(forms().map((form) => JSON.parse(form).uses_left_seen)).toEqual([4, 3])
  expect(new Set(keys()).size).toBe(2)
})
