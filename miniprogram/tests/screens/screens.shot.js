/**
 * Not a test: `npm run screens` writes each page as HTML that a browser shows about as WeChat does, for looking at the
 * design and for the pictures in the documentation.
 */
const fs = require('node:fs')
const path = require('node:path')
const { beijing, captcha, card, daysOf, order, refusal, script, sixTimes, storefront } = require('../answers')
const { launch } = require('../runtime')
const { check, choose, fill } = require('../steps')

const APP = path.join(__dirname, '..', '..', 'app')
const OUT = path.join(__dirname, '..', '..', 'build', 'screens')
const COLOURS = { apple: '#c8443c', peach: '#ef9a8f', box: '#b9793a' }

const read = (file) => fs.readFileSync(path.join(APP, file), 'utf8')
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)

/** What WeChat's own tags look like before the app's styles. */
const NATIVE = `
  * { -webkit-tap-highlight-color: transparent } body { margin: 0; font-family: system-ui, "Noto Sans CJK SC", sans-serif }
  header { background: #fff; font-weight: 600; line-height: 44px; text-align: center }
  wx-input, wx-textarea, wx-picker, wx-view, component { display: block }
  wx-input { overflow: hidden; white-space: nowrap }
  wx-image { display: inline-block } wx-scroll-view { display: block; overflow-y: auto }
  button { border: 0; font-family: inherit }`

/** Images are drawn as plain areas: the answers' pictures do not exist. */
function picture({ src, mode }) {
  const [, name] = /(\w+)\.webp/.exec(src) || []
  return `background:${COLOURS[name] || '#dcd3c4'}${mode === 'widthFix' ? ';aspect-ratio:1' : ''}`
}

function html(node) {
  if (node.nodeType !== 1) return escape(node.textContent)
  const attrs = Object.fromEntries((node.__wxElement?._vt?.attrs ?? []).map(({ name, value }) => [name, value]))
  const tag = node.localName
  const classes = [...node.classList].map((name) => name.replace(/^.*?--/, '')).join(' ')
  const style = tag === 'wx-image' ? picture(attrs) : node.getAttribute('style') || ''
  const open = (name) => `<${name} class="${classes}" style="${escape(style)}"`
  if (tag === 'wx-button') return `${open('button')}${attrs.disabled ? ' disabled' : ''}>${inner(node)}</button>`
  if (tag === 'wx-input' || tag === 'wx-textarea') {
    const shown = attrs.value ? escape(attrs.value) : `<span class="placeholder">${escape(attrs.placeholder)}</span>`
    return `${open(tag)}>${shown}</${tag}>`
  }
  if (tag === 'wx-icon') return `<svg width="64" height="64"><circle cx="32" cy="32" r="32" fill="${attrs.color}" /><path d="M18 33l10 10 19-21" stroke="#fff" stroke-width="5" fill="none" /></svg>`
  const name = tag.startsWith('wx-') ? tag : 'component'
  return `${open(name)}>${inner(node)}</${name}>`
}

const inner = (node) => [...node.childNodes].map(html).join('')

function save(mp, name) {
  const base = mp.page().route.slice(1)
  const title = base.includes('check') ? mp.title : JSON.parse(read(`${base}.json`)).navigationBarTitleText
  const components = fs.readdirSync(path.join(APP, 'components')).map((folder) => read(`components/${folder}/index.wxss`))
  const styles = [NATIVE, read('app.wxss').replace(/^page \{/m, 'body {'), ...components, read(`${base}.wxss`)].join('\n')
  fs.mkdirSync(OUT, { recursive: true })
  fs.writeFileSync(
    path.join(OUT, `${name}.html`),
    `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title>` +
      `<style>${styles}</style><body><header>${escape(title)}</header>${html(mp.page().component.dom)}</body></html>`,
  )
}

test('screens', async () => {
  const ext = { origin: 'https://t.example.com', slug: 'demo' }
  const typed = { number: card.number, password: 'ABCD123456' }
  const shop = { ...storefront, theme_color: '#07C160' }
  const mp = await launch({ ext, network: script({ storefront: shop, redemptions: [{ order }] }) })
  await mp.read('扫一扫')
  await mp.type('#number', typed.number)
  save(mp, '1-check')
  await check(mp, typed)
  await mp.arrive('choose')
  mp.page().component.querySelectorAll('.choice-main')[0].dispatchEvent('tap')
  await mp.until(() => mp.data().productId !== null, 'a chosen product')
  save(mp, '2-choose')
  await mp.tap('#next')
  await mp.arrive('address')
  await mp.tap('#next')
  save(mp, '3-address')
  await fill(mp)
  await mp.arrive('confirm')
  save(mp, '4-confirm')
  await mp.tap('#submit')
  await mp.arrive('done')
  save(mp, '5-done')
  await mp.tap('#order')
  await mp.arrive('order')
  save(mp, '6-order')
  mp.quit()
})

test('screens of a card for several pick-ups', async () => {
  const ext = { origin: 'https://t.example.com', slug: 'demo' }
  const typed = { number: card.number, password: 'ABCD123456' }
  const placed = { order: { ...order, number: '202611230003', status: 'to_ship', shipments: [], placed_at: '2026-11-23T04:00:00Z' } }
  const network = script({
    check: [sixTimes(2), sixTimes(3), sixTimes(6)],
    redemptions: ['refuse', 'refuse', 'refuse', placed],
  })
  const mp = await launch({ ext, network })
  await check(mp, typed)
  await mp.arrive('choose')
  save(mp, '7-choose-several')
  await choose(mp)
  await fill(mp)
  await mp.arrive('confirm')
  await mp.tap('#submit')
  await mp.until(() => mp.data().lost, 'the lost answer')
  save(mp, '8-confirm-lost')
  await mp.tap('#submit')
  await mp.arrive('done')
  await mp.read('还可提 3 次')
  save(mp, '9-done-several')
  await mp.tap('#order')
  await mp.arrive('order')
  save(mp, '10-order-several')
  await mp.tap('#refresh')
  await mp.read('已全部提完')
  save(mp, '11-order-used-up')
  mp.quit()
})

test('screens of a lost pick-up that became an order', async () => {
  const ext = { origin: 'https://t.example.com', slug: 'demo' }
  const typed = { number: card.number, password: 'ABCD123456' }
  const mp = await launch({ ext, network: script({ check: [sixTimes(2), sixTimes(3)], redemptions: ['refuse', 'refuse', 'refuse'] }) })
  await check(mp, typed)
  await choose(mp)
  await fill(mp)
  await mp.arrive('confirm')
  await mp.tap('#submit')
  await mp.until(() => mp.data().lost, 'the lost answer')
  global.wx.reLaunch({ url: '/pages/check/index' })
  await mp.arrive('check')
  await check(mp, typed)
  await mp.arrive('choose')
  save(mp, '12-choose-order-came')
  mp.quit()
})

test('screens of a shop with days, words of its own and places to which nothing is sent', async () => {
  const ext = { origin: 'https://t.example.com', slug: 'demo' }
  const typed = { number: card.number, password: 'ABCD123456' }
  const texts = { enter: '卡号和密码印在卡的背面，请轻轻刮开。', choose: '每张卡任选一种。', form: '请写清楼号和门牌号，冷链车按址送达。', confirm: '提交后请留意手机。', done: '谢谢您，祝您阖家安康！' }
  const shop = {
    ...storefront, texts, page_color: '#FDF3E7', announcement: '春节期间照常发货，2 月 8 日、9 日休息。',
    contact_hours: '每天 9:00—21:00', contact_wechat: 'guoyuan01',
  }
  const days = daysOf({
    days: Array.from({ length: 40 }, (_, at) => {
      const day = new Date(Date.UTC(2026, 10, 24 + at)).toISOString().slice(0, 10)
      const [open, fullness, reason] = at < 2 ? [false, null, 'too_early'] : at % 7 === 5 ? [false, null, 'weekday'] : at === 3 ? [false, 100, 'full'] : [true, at === 4 ? 90 : 20, null]
      return { day, open, fullness, reason }
    }),
    nearest: '2026-11-26',
    required: false,
  })
  const products = card.products.map((product) => ({ ...product, undeliverable: [{ code: '540000', name: '西藏自治区' }, { code: '650000', name: '新疆维吾尔自治区' }], undeliverable_note: '生鲜不便运输' }))
  const drawn = { statusCode: 201, data: { ...captcha.data, image: 'captcha' } }
  const needed = refusal(403, 'captcha_needed', '为了您的卡片安全，请输入图形验证码后再试')
  const full = refusal(409, 'day_full', '11月30日已约满，请另选日期', { nearest: '2026-12-01', days })
  const waiting = { ...order, status: 'to_ship', shipments: [], ship_on: '2026-12-01', may_correct_address: true, may_correct_date: true }
  const good = { ...card, products }
  const mp = await launch({
    ext,
    network: script({
      storefront: shop, check: [needed, good, { ...good, state: 'redeemed', uses_left: 0, orders: [waiting] }], captchas: drawn,
      days, split: { ...beijing, address: '', missing: ['address'] }, redemptions: [full, { order: waiting }], changes: needed,
    }),
  })
  await check(mp, typed)
  await mp.until(() => mp.node('#captcha').querySelector('#captcha-image'), 'the captcha')
  save(mp, '13-check-captcha')
  mp.inside('#captcha', '#captcha-input').dispatchEvent('input', { detail: { value: '2346' } })
  await mp.until(() => mp.data().captcha, 'the answer')
  await mp.tap('#check')
  await choose(mp)
  await mp.until(() => mp.data().days, 'the days')
  global.wx.getClipboardData = ({ success }) => success({ data: '王小明 13800138000 北京市海淀区' })
  await mp.tap('#paste')
  save(mp, '14-address-paste')
  await mp.tap('#split')
  await mp.read('没有识别出')
  save(mp, '15-address-split')
  await mp.tap('#ship-on')
  save(mp, '16-address-days')
  mp.node('#days').querySelectorAll('.day-open')[3].dispatchEvent('tap')
  await mp.until(() => !mp.has('#days'), 'the closed sheet')
  await fill(mp)
  await mp.arrive('confirm')
  await mp.tap('#submit')
  await mp.read('已约满')
  save(mp, '17-confirm-day-full')
  await mp.tap('#nearest')
  await mp.tap('#submit')
  await mp.arrive('done')
  save(mp, '18-done')
  await mp.tap('#order')
  await mp.arrive('order')
  save(mp, '19-order-waiting')
  await mp.tap('.correct')
  await mp.arrive('address')
  await mp.until(() => mp.data().days, 'the days')
  await mp.type('#address', '新港中路 397 号')
  await mp.type('#mobile', '13900139000')
  await mp.tap('#save')
  await mp.until(() => mp.node('#captcha').querySelector('#captcha-image'), 'the captcha')
  save(mp, '20-correct')
  mp.quit()
})
