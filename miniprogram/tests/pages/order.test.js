const { card, order, refusal, script } = require('../answers')
const { launch } = require('../runtime')
const { check } = require('../steps')

const ext = { origin: 'https://t.example.com', slug: 'demo' }
const redeemed = { ...card, state: 'redeemed', message: '这张卡已经提过货了', uses_left: 0, orders: [order] }
let mp

const open = async (answers) => {
  mp = await launch({ ext, network: script(answers) })
  await check(mp, { number: card.number, password: 'x' })
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
