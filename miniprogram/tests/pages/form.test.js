const { card, order, refusal, script } = require('../answers')
const { launch } = require('../runtime')
const { check, choose, fill, walkToConfirm, WANG } = require('../steps')

const ext = { origin: 'https://t.example.com', slug: 'demo' }
const typed = { number: card.number, password: 'secret77' }
let mp

const start = async (answers) => {
  mp = await launch({ ext, network: script(answers) })
}
const keys = () => mp.requests.map(({ header }) => header['Idempotency-Key']).filter(Boolean)

afterEach(() => mp.quit())

describe('choose', () => {
  test('one product is chosen already', async () => {
    await start({ check: { ...card, products: card.products.slice(0, 1) } })
    await check(mp, typed)
    await mp.arrive('choose')
    expect(mp.data().productId).toBe(1)
    expect(mp.attr('#next', 'disabled')).toBe(false)
  })

  test('no product is said in words, and there is no way on', async () => {
    await start({ check: { ...card, products: [] } })
    await check(mp, typed)
    await mp.read('暂时没有可选的商品')
    expect(mp.has('#next')).toBe(false)
  })

  test('details unfold with whole picture addresses', async () => {
    await start({})
    await check(mp, typed)
    await mp.arrive('choose')
    await mp.tap('.choice-more')
    expect(mp.data().openId).toBe(2)
    expect(mp.data().products[1].detail_html).toBe(
      '<p>现摘现发</p><img style="max-width:100%;height:auto;display:block" alt="" src="https://t.example.com/media/orchard.webp">',
    )
    await mp.tap('.choice-picture')
    expect(mp.preview.urls).toEqual(['https://t.example.com/media/box.webp', 'https://t.example.com/media/peach.webp'])
  })

})

describe('address', () => {
  beforeEach(async () => {
    await start({})
    await check(mp, typed)
    await choose(mp)
  })

  test('what is missing stands at its field', async () => {
    await mp.tap('#next')
    for (const words of ['请填写收货人姓名', '请填写 11 位手机号', '请选择所在地区', '请填写详细地址']) {
      expect(mp.text()).toContain(words)
    }
    expect(mp.page().route).toBe('/pages/address/index')
  })

  test('a double tap opens the next page once', async () => {
    await fill(mp)
    await mp.arrive('confirm')
    global.wx.navigateBack()
    await mp.arrive('address')
    mp.node('#next').dispatchEvent('tap')
    mp.node('#next').dispatchEvent('tap')
    await mp.arrive('confirm')
    global.wx.navigateBack()
    await mp.arrive('address')
    expect(mp.visited.filter((url) => url.includes('confirm'))).toHaveLength(2)
  })

  test('going back and forth loses nothing', async () => {
    await mp.type('#name', '李雷')
    await mp.fire('#region', 'change', WANG.region)
    global.wx.navigateBack()
    await mp.arrive('choose')
    await mp.tap('#next')
    await mp.arrive('address')
    expect(mp.attr('#name', 'value')).toBe('李雷')
    expect(mp.text()).toContain('北京市 海淀区')
  })

  test("WeChat's address book fills the form", async () => {
    global.wx.chooseAddress = ({ success }) =>
      success({
        userName: '韩梅梅', telNumber: '13900139000', provinceName: '广东省', cityName: '广州市', countyName: '海珠区',
        detailInfo: '新港中路 397 号', nationalCode: '510000', postalCode: '510000', streetName: '', detailInfoNew: '', errMsg: 'ok',
      })
    await mp.tap('#wechat')
    expect(mp.data().draft).toMatchObject({ name: '韩梅梅', mobile: '13900139000', region: ['广东省', '广州市', '海珠区'], address: '新港中路 397 号' })
    await mp.tap('#next')
    await mp.arrive('confirm')
    expect(mp.text()).toContain('广东省 广州市 海珠区 新港中路 397 号')
  })

  test('a denied address book leaves the form to be filled by hand; a cancelled one is nothing', async () => {
    await mp.tap('#wechat')
    expect(mp.data().notice).toBe('')
    global.wx.chooseAddress = ({ fail }) => fail({ errMsg: 'chooseAddress:fail auth deny' })
    await mp.tap('#wechat')
    expect(mp.text()).toContain('没有取到微信地址')
    await fill(mp)
    await mp.arrive('confirm')
  })
})

describe('confirm', () => {
  test('an answer lost on the way is asked for again by itself', async () => {
    await start({ redemptions: ['refuse', refusal(502, 'bad', 'bad'), { order }] })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(mp.text()).toContain(order.number)
    expect(keys()).toHaveLength(3)
    expect(new Set(keys()).size).toBe(1)
    expect(JSON.stringify(global.getApp().globalData.intent)).toBe('null')
  })

  test('a tap after the success, before the page has gone, redeems nothing', async () => {
    await start({ check: { ...card, uses_total: 3, uses_left: 3 }, redemptions: [{ order }] })
    await walkToConfirm(mp, typed)
    const { instance } = mp.page()
    await instance.onSubmit()
    await instance.onSubmit()
    await mp.arrive('done')
    expect(keys()).toHaveLength(1)
  })

  test('a form changed after a lost answer is another intent', async () => {
    await start({ redemptions: ['refuse', 'refuse', 'refuse', { order }] })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.until(() => mp.data().lost, 'the lost answer')
    expect(mp.text()).toContain('重新提交（不会重复下单）')
    const [first] = keys()
    global.wx.navigateBack()
    await mp.arrive('address')
    await mp.type('#remark', '放门口')
    await mp.tap('#next')
    await mp.arrive('confirm')
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(keys()).toEqual([first, first, first, expect.not.stringMatching(first)])
  })

  test('too many tries count down and keep the key', async () => {
    const many = refusal(429, 'too_many_tries', '请稍后再试', { retry_after: 1 })
    await start({ redemptions: [many, { order }] })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.read('1 秒后可再试')
    await mp.until(() => mp.data().wait === 0, 'the end of the count')
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(new Set(keys()).size).toBe(1)
  })

  test('a product that is gone leads back to the choice as it is now', async () => {
    const gone = refusal(409, 'product_not_available', '这个商品刚刚下架了，请另选一种')
    await start({ check: [card, { ...card, products: card.products.slice(1) }], redemptions: [gone] })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.read('这个商品刚刚下架了')
    await mp.tap('#way')
    await mp.arrive('choose')
    expect(mp.data().products.map(({ id }) => id)).toEqual([2])
    expect(mp.data().productId).toBe(2)
  })

  test.each(['card_void', 'card_expired', 'storefront_closed'])('%s is said in the words of the server', async (code) => {
    await start({ redemptions: [refusal(409, code, `服务器说：${code}`)] })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.read(`服务器说：${code}`)
    expect(mp.has('#way')).toBe(false)
    expect(mp.data().busy).toBe(false)
  })
})

test('the password stands in no address and nowhere after the end', async () => {
  await start({ redemptions: [{ order }] })
  await walkToConfirm(mp, typed)
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.visited.join()).not.toContain(typed.password)
  expect(mp.requests.map(({ url }) => url).join()).not.toMatch(/secret77|A588/)
  await mp.tap('#home')
  await mp.arrive('check')
  await mp.read('果园直送')
  expect(JSON.stringify(global.getApp().globalData)).not.toContain(typed.password)
})
