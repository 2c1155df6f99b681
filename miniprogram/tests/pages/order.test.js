const { captcha, card, daysOf, order, refusal, script } = require('../answers')
const { launch } = require('../runtime')
const { check } = require('../steps')

const ext = { origin: 'https://t.example.com', slug: 'demo' }
const redeemed = { ...card, state: 'redeemed', message: '这张卡已经提过货了', uses_left: 0, orders: [order] }
let mp

const start = async (answers) => {
  mp = await launch({ ext, network: script(answers) })
  await check(mp, { number: card.number, password: 'x' })
}
const open = async (answers) => {
  await start(answers)
  await mp.arrive('order')
}

afterEach(() => mp.quit())

test('a shipped order shows courier, tracking number and the time in China', async () => {
  await open({ check: redeemed })
  for (const words of ['已发货', '顺丰速运', 'SF1234567890123', '2026-11-22 16:00', '138****8000', '北京市 海淀区 中关村大街 1 号', '周末送']) {
    expect(mp.text()).toContain(words)
  }
  expect(mp.data().orders[0].product.pictures).toEqual(['https://t.example.com/media/apple.webp'])
  mp.page().component.querySelectorAll('.row-action')[0].dispatchEvent('tap')
  await mp.until(() => mp.clipboard === 'SF1234567890123', 'the copied number')
  global.wx.setClipboardData = ({ fail }) => fail({ errMsg: 'setClipboardData:fail privacy permission is not authorized' })
  mp.page().component.querySelectorAll('.row-action')[0].dispatchEvent('tap')
  await mp.until(() => mp.warnings[0] === '没有复制成功，请长按号码复制', 'the advice')
})

test.each([
  ['to_ship', '待发货'],
  ['completed', '已完成'],
  ['cancelled', '已取消'],
])('an order that is %s reads %s', async (status, words) => {
  await open({ check: { ...redeemed, orders: [{ ...order, status, shipments: [] }] } })
  expect(mp.text()).toContain(words)
})

test('pulling down asks again; a refusal keeps the order on the screen', async () => {
  const later = { ...redeemed, orders: [{ ...order, status: 'completed' }] }
  await open({ check: [redeemed, later, refusal(429, 'too_many_tries', '请 30 秒后再试', { retry_after: 30 })] })
  await mp.page().instance.onPullDownRefresh()
  expect(mp.text()).toContain('已完成')
  await mp.tap('#refresh')
  await mp.read('请 30 秒后再试')
  expect(mp.text()).toContain(order.number)
})

test('the day, the way and the end of an order are told', async () => {
  const handed = {
    ...order, number: 'C1', source: 'counter', status: 'completed', completed_at: '2026-11-22T05:00:00Z', shipments: [], remark: '',
    receiver: { name: '', mobile: '', province: '', city: '', district: '', region_code: null, address: '' },
  }
  await open({ check: { ...redeemed, orders: [{ ...order, status: 'to_ship', ship_on: '2026-11-30', shipments: [] }] } })
  for (const words of ['商家将在 11月30日 周一 发货', '发货日期', '小程序提货']) expect(mp.text()).toContain(words)
  mp.quit()
  await open({ check: { ...redeemed, orders: [handed] } })
  for (const words of ['已在店内交付', '到店提货', '2026-11-22 13:00']) expect(mp.text()).toContain(words)
  expect(mp.text()).not.toContain('收货人')
})

test('a card whose order was cancelled can be redeemed again from there', async () => {
  await start({ check: { ...card, orders: [{ ...order, status: 'cancelled', shipments: [] }] } })
  await mp.arrive('choose')
  await mp.tap('#orders')
  await mp.arrive('order')
  expect(mp.text()).toContain('已取消')
  expect(mp.text()).toContain('重新提货')
  await mp.tap('#again')
  await mp.arrive('choose')
})

test('a captcha may be wanted for a refresh', async () => {
  const needed = refusal(403, 'captcha_needed', '请输入图形验证码后再试')
  await open({ check: [redeemed, needed, { ...redeemed, orders: [{ ...order, status: 'completed' }] }] })
  await mp.tap('#refresh')
  await mp.until(() => mp.node('#captcha').querySelector('#captcha-image'), 'the picture')
  mp.inside('#captcha', '#captcha-input').dispatchEvent('input', { detail: { value: '2346' } })
  await mp.until(() => mp.data().captcha, 'the answer')
  await mp.tap('#refresh')
  await mp.read('已完成')
  expect(JSON.parse(mp.requests.filter(({ url }) => url.endsWith('/check'))[2].data).captcha).toEqual({ id: captcha.data.id, answer: '2346' })
  expect(mp.data().captchaRound).toBe(0)
})

describe('correction', () => {
  const waiting = { ...order, status: 'to_ship', shipments: [], ship_on: '2026-11-28', may_correct_address: true, may_correct_date: true }
  const changes = () => mp.requests.filter(({ url }) => url.endsWith('/changes'))
  const toForm = async (answers, changed = waiting) => {
    await open({ check: { ...redeemed, orders: [changed] }, days: daysOf(), ...answers })
    await mp.tap('.correct')
    await mp.arrive('address')
    if (changed.may_correct_date) await mp.until(() => mp.data().days, 'the days')
  }

  test('what may not be changed is not offered', async () => {
    await open({ check: redeemed })
    expect(mp.has('.correct')).toBe(false)
    mp.quit()
    await toForm({}, { ...waiting, may_correct_address: false })
    expect(mp.has('#name')).toBe(false)
    expect(mp.has('#ship-on')).toBe(true)
    mp.quit()
    await toForm({}, { ...waiting, may_correct_date: false })
    expect(mp.has('#name')).toBe(true)
    expect(mp.has('#shipOn')).toBe(false)
    expect(mp.has('#remark')).toBe(false)
  })

  test('only the day goes out where only the day was changed; the order on the screen is the changed one', async () => {
    await toForm({ changes: { ...waiting, ship_on: '2026-11-30' } })
    expect(mp.title).toBe('修改订单')
    // The day that the order has may be full by this very order.
    expect(mp.data().problems.shipOn).toBe('')
    await mp.tap('#save')
    await mp.read('还没有修改任何内容')
    await mp.tap('#ship-on')
    const day = mp.node('#days').querySelectorAll('.day').find(({ dom }) => dom.textContent.includes('30'))
    day.dispatchEvent('tap')
    await mp.read('11月30日 周一')
    await mp.tap('#save')
    await mp.arrive('order')
    await mp.read('商家将在 11月30日 周一 发货')
    expect(changes()[0].url).toMatch(new RegExp(`/orders/${order.number}/changes$`))
    expect(JSON.parse(changes()[0].data)).toEqual({
      number: card.number, password: 'x', receiver: null, ship_on: '2026-11-30', source: 'mini_program', captcha: null,
    })
  })

  test('a new address wants the whole mobile, for it came masked', async () => {
    await toForm({ changes: { ...waiting, receiver: { ...waiting.receiver, address: '新港中路 397 号' } } })
    expect(mp.attr('#mobile', 'placeholder')).toContain('138****8000')
    await mp.type('#address', '新港中路 397 号')
    await mp.tap('#save')
    await mp.read('请填写 11 位手机号')
    await mp.type('#mobile', '13800138000')
    await mp.tap('#save')
    await mp.arrive('order')
    expect(mp.text()).toContain('新港中路 397 号')
    expect(JSON.parse(changes()[0].data)).toMatchObject({
      ship_on: null, receiver: { name: '王小明', mobile: '13800138000', region_code: '110108', address: '新港中路 397 号' },
    })
  })

  test('it leaves the draft of the next pick-up alone', async () => {
    await toForm({})
    await mp.type('#name', '韩梅梅')
    global.wx.navigateBack()
    await mp.arrive('order')
    expect(global.getApp().globalData.draft.name).toBe('')
    expect([...mp.storage.keys()].filter((key) => key.startsWith('draft/'))).toEqual([])
    expect(mp.text()).toContain('王小明')
  })

  test('a full day and a shipped order are said in the words of the server, and nothing typed is lost', async () => {
    const full = refusal(409, 'day_full', '11月30日已约满，请另选日期', { nearest: '2026-12-01', days: daysOf({ nearest: '2026-12-01' }) })
    const shipped = refusal(409, 'order_already_shipped', '此订单已由 店主 发货')
    await toForm({ changes: [full, shipped] })
    await mp.tap('#ship-on')
    mp.node('#days').querySelectorAll('.day').find(({ dom }) => dom.textContent.includes('30')).dispatchEvent('tap')
    await mp.read('11月30日 周一')
    await mp.type('#name', '韩梅梅')
    await mp.type('#mobile', '13900139000')
    await mp.tap('#save')
    await mp.read('11月30日已约满，请另选日期')
    expect(mp.data().draft).toMatchObject({ name: '韩梅梅', mobile: '13900139000' })
    await mp.tap('#nearest')
    await mp.tap('#save')
    await mp.read('此订单已由 店主 发货')
    expect(changes().map(({ data }) => JSON.parse(data).ship_on)).toEqual(['2026-11-30', '2026-12-01'])
  })
})
