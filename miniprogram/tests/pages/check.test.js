const { captcha, card, order, refusal, script, sixTimes, storefront } = require('../answers')
const { launch } = require('../runtime')
const { check, choose, fill } = require('../steps')

const ext = { origin: 'https://t.example.com', slug: 'demo' }
const link = (path) => ({ q: encodeURIComponent(`https://t.example.com${path}`) })
let mp

afterEach(() => mp.quit())

test('the storefront shows its name, words, colour and telephone', async () => {
  mp = await launch({ ext, network: script({ storefront: { ...storefront, logo_url: '/media/logo.webp' } }) })
  expect(mp.text()).toContain('正在加载')
  await mp.read('果园直送')
  expect(mp.text()).toContain('凭卡号和密码提取新鲜水果')
  expect(mp.title).toBe('果园直送')
  expect(mp.data().theme).toContain('#C8161D')
  expect(mp.attr('.shop-logo', 'src')).toBe('https://t.example.com/media/logo.webp')
  mp.inside('#contact', '#call').dispatchEvent('tap')
  await mp.until(() => mp.called, 'the call')
  expect(mp.called).toBe('400-800-1234')
})

test("the merchant's announcement, words for each step, hours and WeChat are shown; neither stands where it is empty", async () => {
  mp = await launch({ ext, network: script({}) })
  await mp.read('扫一扫')
  expect(mp.has('#announcement')).toBe(false)
  mp.quit()
  const texts = { enter: '卡号在卡的背面。', choose: '每张卡选一样。', form: '请写清门牌号。', confirm: '提交后不能退卡。', done: '谢谢惠顾！' }
  const shop = { ...storefront, texts, page_color: '#1A2B3C', announcement: '春节前照常发货。', contact_hours: '每天 9:00—21:00', contact_wechat: 'guoyuan01' }
  mp = await launch({ ext, network: script({ storefront: shop, redemptions: [{ order }] }) })
  await mp.read('春节前照常发货。')
  expect(mp.text()).toContain('卡号在卡的背面。')
  expect(mp.text()).toContain('每天 9:00—21:00')
  expect(mp.data().theme).toContain('--page:#1A2B3C')
  mp.inside('#contact', '#wechat').dispatchEvent('tap')
  await mp.until(() => mp.clipboard === 'guoyuan01', 'the copied WeChat id')
  await check(mp, { number: card.number, password: 'x' })
  await mp.arrive('choose')
  expect(mp.text()).toContain('每张卡选一样。')
  await choose(mp)
  expect(mp.text()).toContain('请写清门牌号。')
  await fill(mp)
  await mp.arrive('confirm')
  expect(mp.text()).toContain('提交后不能退卡。')
  await mp.tap('#submit')
  await mp.arrive('done')
  expect(mp.text()).toContain('谢谢惠顾！')
})

test('a storefront that did not load can be tried again', async () => {
  mp = await launch({ ext, network: script({ storefront: ['refuse', storefront] }) })
  await mp.until(() => mp.data().status === 'failed', 'the failure')
  expect(mp.data().statusMessage).toContain('网络不通畅')
  mp.node('#status').querySelector('#retry').dispatchEvent('tap')
  await mp.read('果园直送')
})

test('a closed storefront shows its notice, and a redeemed card still leads to its order', async () => {
  const closed = { ...storefront, open: false, closed_notice: '春节期间暂停提货，2 月 20 日恢复。' }
  mp = await launch({ ext, network: script({ storefront: closed, check: { ...card, state: 'redeemed', orders: [order] } }) })
  await mp.read('春节期间暂停提货')
  await check(mp, { number: card.number, password: 'secret' })
  await mp.arrive('order')
})

test('while the storefront is closed a good card is told so with what it is, and one with orders leads to them', async () => {
  const notice = '春节期间暂停提货，2 月 20 日恢复。'
  const closed = { ...storefront, open: false, closed_notice: notice }
  const shut = { open: false, message: notice, products: [] }
  mp = await launch({ ext, network: script({ storefront: closed, check: [{ ...card, ...shut }, sixTimes(2, shut)] }) })
  await check(mp, { number: card.number, password: 'x' })
  await mp.read('388 水果卡')
  expect(mp.data().problem).toBe(notice)
  expect(mp.page().route).toBe('/pages/check/index')
  await mp.tap('#check')
  await mp.arrive('order')
  for (const words of [notice, '共 6 次，还可提 4 次']) expect(mp.text()).toContain(words)
  expect(mp.has('#again')).toBe(false)
})

test('after wrong passwords a captcha is shown; each serves once, and the right one leads on', async () => {
  const wrong = refusal(403, 'card_or_password_wrong', '卡号或密码不正确')
  const needed = refusal(403, 'captcha_needed', '请输入图形验证码后再试')
  const misread = refusal(403, 'captcha_wrong', '验证码不正确或已过期')
  const second = { statusCode: 201, data: { id: 'c2', image: 'data:image/png;base64,second' } }
  const third = { statusCode: 201, data: { id: 'c3', image: 'data:image/png;base64,third' } }
  mp = await launch({ ext, network: script({ check: [needed, misread, wrong, card], captchas: [captcha, second, third] }) })
  await check(mp, { number: card.number, password: 'x' })
  await mp.read('请输入图形验证码后再试')
  const sent = () => mp.requests.filter(({ url }) => url.endsWith('/check')).map(({ data }) => JSON.parse(data).captcha)
  const picture = () => mp.node('#captcha').querySelector('#captcha-image')?.toJSON().attrs.find(({ name }) => name === 'src').value
  const answer = async (words) => {
    mp.inside('#captcha', '#captcha-input').dispatchEvent('input', { detail: { value: words } })
    await mp.until(() => mp.data().captcha?.answer === words, 'the answer')
    await mp.tap('#check')
  }
  await mp.until(() => picture() === captcha.data.image, 'the first picture')
  await mp.tap('#check')
  await mp.read('请输入图形验证码')
  expect(sent()).toEqual([null])
  await answer('1111')
  await mp.until(() => picture() === second.data.image, 'the second picture')
  expect(mp.text()).toContain('验证码不正确或已过期')
  expect(mp.data()).toMatchObject({ number: card.number, password: 'x', captcha: null })
  await answer('2222')
  await mp.until(() => picture() === third.data.image, 'the third picture')
  expect(mp.text()).toContain('卡号或密码不正确')
  await answer('3333')
  await mp.arrive('choose')
  expect(sent()).toEqual([null, { id: 'c1', answer: '1111' }, { id: 'c2', answer: '2222' }, { id: 'c3', answer: '3333' }])
})

test('a captcha that did not come can be asked for again', async () => {
  const needed = refusal(403, 'captcha_needed', '请输入图形验证码后再试')
  mp = await launch({ ext, network: script({ check: [needed], captchas: ['refuse', captcha] }) })
  await check(mp, { number: card.number, password: 'x' })
  await mp.until(() => mp.node('#captcha').dom.textContent.includes('网络不通畅'), 'the failure')
  mp.inside('#captcha', '#captcha-other').dispatchEvent('tap')
  await mp.until(() => mp.node('#captcha').querySelector('#captcha-image'), 'the picture')
})

test('a blocked address is told so, without a captcha', async () => {
  const blocked = refusal(403, 'address_blocked', '您所在的网络已被商家暂停提货，如有疑问请联系商家')
  mp = await launch({ ext, network: script({ check: [blocked] }) })
  await check(mp, { number: card.number, password: 'x' })
  await mp.read('您所在的网络已被商家暂停提货')
  expect(mp.data().captchaRound).toBe(0)
})

test('without a merchant the holder is asked to scan, and the scan opens the storefront', async () => {
  mp = await launch({ ext: { origin: ext.origin }, network: script({}) })
  await mp.read('请扫描卡上的二维码')
  global.wx.scanCode = ({ success }) => success({ result: 'https://t.example.com/c/demo/A58800000001' })
  mp.page().instance.onScan()
  await mp.read('果园直送')
  expect(mp.requests[0].url).toBe('https://t.example.com/api/c/demo/storefront')
  expect(mp.data().number).toBe('A58800000001')
})

test.each([
  ['the printed code', link('/c/demo/a58800000001')],
  ['a mini-program code', { scene: encodeURIComponent('demo/A58800000001') }],
])('%s fills the number in', async (_, query) => {
  mp = await launch({ ext: { origin: ext.origin }, query, network: script({}) })
  await mp.read('果园直送')
  expect(mp.attr('#number', 'value')).toBe('A58800000001')
})

test("a merchant's own mini-program does not open another merchant's card", async () => {
  mp = await launch({ ext, query: link('/c/other/B1'), network: script({}) })
  await mp.read('这不是本店的卡')
  expect(mp.requests.map(({ url }) => url)).toEqual(['https://t.example.com/api/c/demo/storefront'])
  expect(mp.data().number).toBe('')
})

test('a bare number is scanned in, a strange code is refused, a cancelled scan is nothing', async () => {
  mp = await launch({ ext, network: script({}) })
  await mp.read('扫一扫')
  global.wx.scanCode = ({ success }) => success({ result: 'A588 0000 0001' })
  await mp.tap('#scan')
  expect(mp.data().number).toBe('A58800000001')
  global.wx.scanCode = ({ success }) => success({ result: 'https://example.com/' })
  await mp.tap('#scan')
  global.wx.scanCode = ({ fail }) => fail({ errMsg: 'scanCode:fail cancel' })
  await mp.tap('#scan')
  expect(mp.warnings).toEqual(['这不是提货卡的二维码'])
  expect(mp.data().number).toBe('A58800000001')
})

test('an empty form is not sent', async () => {
  mp = await launch({ ext, network: script({}) })
  await mp.read('扫一扫')
  await mp.tap('#check')
  expect(mp.text()).toContain('请输入卡号')
  await mp.type('#number', 'A1')
  await mp.tap('#check')
  expect(mp.text()).toContain('请输入密码')
  expect(mp.requests).toHaveLength(1)
})

test('too many tries count down and then let the holder try again', async () => {
  const many = refusal(429, 'too_many_tries', '试的次数太多，请 2 秒后再试', { retry_after: 2 })
  mp = await launch({ ext, network: script({ check: [many, card] }) })
  await check(mp, { number: card.number, password: 'x' })
  await mp.read('2 秒后可再试')
  expect(mp.text()).toContain('试的次数太多')
  expect(mp.attr('#check', 'disabled')).toBe(true)
  await mp.tap('#check')
  expect(mp.requests).toHaveLength(2)
  await mp.until(() => mp.data().wait === 0, 'the end of the count')
  await mp.tap('#check')
  await mp.arrive('choose')
})

test('a card that cannot be redeemed says why and what it is', async () => {
  mp = await launch({
    ext,
    network: script({ check: { ...card, state: 'expired', message: '这张卡已于 2025-12-31 过期' } }),
  })
  await check(mp, { number: card.number, password: 'x' })
  await mp.read('这张卡已于 2025-12-31 过期')
  expect(mp.text()).toContain('388 水果卡')
  expect(mp.page().route).toBe('/pages/check/index')
})

test.each([
  ['a588 0000-0001', 'ab-c 1O0l'],
  ['A588—00000001', 'ABC.10'],
  ['A588OOOOOOOI', '  ABC10 '],
])('%s is sent as it was typed', async (number, password) => {
  mp = await launch({ ext, network: script({}) })
  await check(mp, { number, password })
  await mp.arrive('choose')
  expect(JSON.parse(mp.requests[1].data)).toEqual({ number, password: password.trim(), source: 'mini_program', captcha: null })
})

test('a full-width number is sent in plain signs', async () => {
  mp = await launch({ ext, network: script({}) })
  await check(mp, { number: 'Ａ５８８　００００－０００１', password: 'ａ１' })
  await mp.arrive('choose')
  expect(JSON.parse(mp.requests[1].data)).toEqual({ number: 'A588 0000-0001', password: 'a1', source: 'mini_program', captcha: null })
})

test('the fields cut and refuse nothing', async () => {
  mp = await launch({ ext, network: script({}) })
  await mp.read('扫一扫')
  for (const field of ['#number', '#password']) {
    expect(mp.attr(field, 'maxlength')).toBe('-1')
    expect([undefined, 'text']).toContain(mp.attr(field, 'type'))
  }
})

test("a pasted link is the card's number; another shop's link opens that shop, where both may be", async () => {
  mp = await launch({ ext, network: script({}) })
  await check(mp, { number: ' https://t.example.com/c/demo/A58800000001 ', password: 'x' })
  await mp.arrive('choose')
  expect(JSON.parse(mp.requests[1].data).number).toBe('A58800000001')
  mp.quit()
  mp = await launch({ ext, network: script({}) })
  await check(mp, { number: 'https://t.example.com/c/other/B1', password: 'x' })
  await mp.read('这不是本店的卡')
  expect(mp.requests).toHaveLength(1)
  mp.quit()
  mp = await launch({ ext: { origin: ext.origin }, query: { scene: 'demo' }, network: script({}) })
  await check(mp, { number: 'https://t.example.com/c/other/B1', password: 'x' })
  await mp.until(() => mp.requests.length === 2 && mp.data().status === 'ready', 'the other storefront')
  expect(mp.requests[1].url).toBe('https://t.example.com/api/c/other/storefront')
  expect(mp.data()).toMatchObject({ number: 'B1', password: '' })
})

test('no answer leaves everything as typed', async () => {
  mp = await launch({ ext, network: script({ check: 'refuse' }) })
  await check(mp, { number: card.number, password: 'abc' })
  await mp.read('网络不通畅')
  expect(mp.data()).toMatchObject({ number: card.number, password: 'abc', busy: false })
})

test('a page that is opened without a card leads to the first', async () => {
  for (const page of ['choose', 'address', 'confirm', 'done', 'order']) {
    mp = await launch({ ext, network: script({}) })
    global.wx.navigateTo({ url: `/pages/${page}/index` })
    await mp.until(() => mp.visited.length === 3, 'the way back')
    expect(mp.visited[2]).toBe('/pages/check/index')
    mp.quit()
  }
})
