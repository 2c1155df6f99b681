/**
 * Not a test: `npm run screens` writes each page as HTML that a browser shows about as WeChat does, for looking at the
 * design and for the pictures in the documentation.
 */
const fs = require('node:fs')
const path = require('node:path')
const { card, order, script, sixTimes, storefront } = require('../answers')
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
  wx-image { display: inline-block }
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
