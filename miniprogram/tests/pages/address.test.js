const { beijing, captcha, card, order, refusal, script } = require('../answers')
const { launch } = require('../runtime')
const { check, choose, fill, walkToConfirm, WANG } = require('../steps')

const ext = { origin: 'https://t.example.com', slug: 'demo' }
const typed = { number: card.number, password: 'secret77' }
const pasted = '王小明 13800138000 北京市海淀区中关村大街 1 号'
let mp

const toForm = async (answers, storage) => {
  mp = await launch({ ext, network: script(answers), storage })
  await check(mp, typed)
  await choose(mp)
}
const asked = (end) => mp.requests.filter(({ url }) => url.split('?')[0].endsWith(end))
const clipboard = (data) => (global.wx.getClipboardData = ({ success }) => success({ data }))

afterEach(() => mp.quit())

describe('paste', () => {
  test('the clipboard is read at the tap, shown before it is sent, and fills the form', async () => {
    let read = 0
    await toForm({})
    global.wx.getClipboardData = ({ success }) => (read++, success({ data: ` ${pasted} ` }))
    expect(read).toBe(0)
    await mp.tap('#paste')
    expect(read).toBe(1)
    expect(mp.attr('#paste-text', 'value')).toBe(pasted)
    expect(asked('/split')).toHaveLength(0)
    await mp.tap('#split')
    await mp.read('已填入下面的表格')
    expect(JSON.parse(asked('/split')[0].data)).toEqual({ text: pasted })
    expect(mp.data().draft).toMatchObject({ name: '王小明', mobile: '13800138000', region: ['北京市', '北京市', '海淀区'], regionCode: '110108', address: '中关村大街 1 号' })
    await mp.until(() => asked('/days').some(({ url }) => url.endsWith('region_code=110108')), 'the days of the place')
  })

  test('a clipboard that is refused leaves the text to be pasted by hand', async () => {
    await toForm({})
    await mp.tap('#paste')
    await mp.tap('#split')
    await mp.read('请先粘贴要识别的地址')
    await mp.type('#paste-text', pasted)
    await mp.tap('#split')
    await mp.read('已填入下面的表格')
  })

  test('what was not found stays as typed and is named, with what is doubtful', async () => {
    await toForm({ split: { ...beijing, name: '', mobile: '', phone: '010-62345678', missing: ['name', 'mobile'], unsure: ['district', 'city'] } })
    await mp.type('#name', '李雷')
    clipboard(pasted)
    await mp.tap('#paste')
    await mp.tap('#split')
    await mp.read('没有识别出收货人、手机号，请补填。')
    expect(mp.text()).toContain('010-62345678 不是手机号，请填写手机号。地区可能有误，请核对。')
    expect(mp.data().draft.name).toBe('李雷')
  })

  test('the extension of a virtual number goes along with the name', async () => {
    await toForm({ split: { ...beijing, extension: '1234' } })
    clipboard(pasted)
    await mp.tap('#paste')
    await mp.tap('#split')
    await mp.until(() => mp.data().draft.name === '王小明[1234]', 'the extension')
  })

  test('without an answer the text stays', async () => {
    await toForm({ split: 'refuse' })
    clipboard(pasted)
    await mp.tap('#paste')
    await mp.tap('#split')
    await mp.read('网络不通畅')
    expect(mp.attr('#paste-text', 'value')).toBe(pasted)
  })
})

describe('places to which nothing is sent', () => {
  const products = card.products.map((product) => ({
    ...product, undeliverable: [{ code: '540000', name: '西藏自治区' }, { code: '110100', name: '北京市' }], undeliverable_note: '生鲜不便运输',
  }))

  test('they are named before the form, refused at the region, and not sent', async () => {
    await toForm({ check: { ...card, products } })
    expect(mp.text()).toContain('以下地区暂不发货：西藏自治区、北京市（生鲜不便运输）')
    await mp.fire('#region', 'change', WANG.region)
    await mp.read('抱歉，北京市暂不发货，请更换收货地址（生鲜不便运输）')
    await fill(mp)
    await mp.read('抱歉，北京市暂不发货')
    expect(mp.page().route).toBe('/pages/address/index')
    await mp.fire('#region', 'change', { value: ['上海市', '上海市', '徐汇区'], code: ['310000', '310100', '310104'] })
    await mp.until(() => !mp.data().problems.region, 'the settled problem')
    await mp.tap('#next')
    await mp.arrive('confirm')
  })

  test("WeChat's address, which has no code, is refused all the same", async () => {
    await toForm({ check: { ...card, products } })
    global.wx.chooseAddress = ({ success }) =>
      success({ userName: '韩梅梅', telNumber: '13900139000', provinceName: '北京市', cityName: '北京市', countyName: '海淀区', detailInfo: '新港中路 397 号', errMsg: 'ok' })
    await mp.tap('#wechat')
    await mp.read('抱歉，北京市暂不发货')
    expect(JSON.parse(asked('/split')[0].data)).toEqual({ text: '北京市北京市海淀区' })
  })

  test("the server's refusal stands at the region, and nothing typed is lost", async () => {
    const refused = refusal(409, 'undeliverable_area', '抱歉，北京市暂不发货，请更换收货地址', { area: '北京市', note: '' })
    mp = await launch({ ext, network: script({ redemptions: [refused] }) })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.arrive('address')
    await mp.read('抱歉，北京市暂不发货')
    expect(mp.data().problems.region).toContain('抱歉')
    expect(mp.data().draft).toMatchObject({ name: WANG.name, address: WANG.address, remark: WANG.remark })
  })
})

describe('drafts', () => {
  const DRAFT = `draft/demo/${card.number}`
  const day = 24 * 3600 * 1000
  const leave = async () => {
    global.wx.reLaunch({ url: '/pages/check/index' })
    await mp.arrive('check')
  }

  test('what was typed for a card is there again after the program was ended, without its password', async () => {
    await toForm({})
    await mp.type('#name', '李雷')
    await mp.type('#remark', '放门口')
    mp.page().instance.onHide()
    const { storage } = mp
    expect(JSON.parse(storage.get(DRAFT))).toMatchObject({ productId: 1, draft: { name: '李雷', remark: '放门口' } })
    expect([...storage.values()].join()).not.toContain(typed.password)
    mp.quit()
    mp = await launch({ ext, network: script({}), storage })
    await check(mp, typed)
    await mp.arrive('choose')
    expect(mp.data().productId).toBe(1)
    await mp.tap('#next')
    await mp.arrive('address')
    expect(mp.data().draft).toMatchObject({ name: '李雷', remark: '放门口' })
  })

  test("another card's draft is its own", async () => {
    const other = { ...card, number: 'B1' }
    await toForm({ check: [card, other] })
    await mp.type('#name', '李雷')
    await leave()
    const { storage } = mp
    mp.quit()
    await toForm({ check: other }, storage)
    expect(mp.data().draft.name).toBe('')
  })

  test('after thirty days it is erased', async () => {
    const draft = { name: '李雷', mobile: '', region: [], regionCode: null, address: '', remark: '', shipOn: null }
    const storage = new Map([
      [DRAFT, JSON.stringify({ at: Date.now() - 30 * day, productId: 1, draft })],
      ['draft/demo/B1', JSON.stringify({ at: Date.now() - 29 * day, productId: 1, draft })],
      ['draft/demo/C1', JSON.stringify('?')],
    ])
    await toForm({}, storage)
    expect([...storage.keys()].filter((key) => key.startsWith('draft/')).sort()).toEqual([DRAFT, 'draft/demo/B1'])
    expect(mp.data().draft.name).toBe('')
  })

  test('it can be cleared', async () => {
    await toForm({})
    await mp.type('#name', '李雷')
    mp.page().instance.onHide()
    global.wx.showModal = ({ success }) => success({ confirm: false, cancel: true })
    await mp.tap('#clear')
    expect(mp.data().draft.name).toBe('李雷')
    global.wx.showModal = ({ success }) => success({ confirm: true, cancel: false })
    await mp.tap('#clear')
    expect(mp.data().draft.name).toBe('')
    expect(mp.storage.has(DRAFT)).toBe(false)
  })

  test('with the last pick-up it is gone; before that the receiver stays, remark and day do not', async () => {
    mp = await launch({ ext, network: script({ redemptions: [{ order }] }) })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(mp.storage.has(DRAFT)).toBe(false)
    mp.quit()
    const three = { ...card, uses_total: 3, uses_left: 3 }
    mp = await launch({ ext, network: script({ check: three, redemptions: [{ order }] }) })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(JSON.parse(mp.storage.get(DRAFT))).toMatchObject({ productId: null, draft: { name: WANG.name, remark: '', shipOn: null } })
    expect([...mp.storage.values()].join()).not.toContain(typed.password)
  })
})

describe('a captcha at the end', () => {
  const needed = refusal(403, 'captcha_needed', '请输入图形验证码后再试')
  const keys = () => new Set(asked('/redemptions').map(({ header }) => header['Idempotency-Key']))

  test('goes with the same form under the same key', async () => {
    mp = await launch({ ext, network: script({ redemptions: ['refuse', 'refuse', 'refuse', needed, { order }] }) })
    await walkToConfirm(mp, typed)
    await mp.tap('#submit')
    await mp.until(() => mp.data().lost, 'the lost answer')
    await mp.tap('#submit')
    await mp.until(() => mp.node('#captcha').querySelector('#captcha-image'), 'the picture')
    await mp.tap('#submit')
    await mp.read('请输入图形验证码')
    expect(asked('/redemptions')).toHaveLength(4)
    mp.inside('#captcha', '#captcha-input').dispatchEvent('input', { detail: { value: '２３４６' } })
    await mp.until(() => mp.data().captcha, 'the answer')
    await mp.tap('#submit')
    await mp.arrive('done')
    expect(JSON.parse(asked('/redemptions')[4].data).captcha).toEqual({ id: captcha.data.id, answer: '2346' })
    expect(keys().size).toBe(1)
  })
})
