/** Answers for what a freshly seeded server can't be brought to say. Typed, so that they follow the server's schema. */

/** @typedef {import('../api/types').Storefront} Storefront */
/** @typedef {import('../api/types').CardView} CardView */
/** @typedef {import('../api/types').OrderView} OrderView */

/** @type {Storefront} */
const storefront = {
  slug: 'demo',
  name: '果园直送',
  logo_url: null,
  banner_url: null,
  theme_color: '#C8161D',
  welcome: '凭卡号和密码提取新鲜水果。',
  page_color: '',
  announcement: '',
  contact_phone: '400-800-1234',
  contact_hours: '',
  contact_wechat: '',
  jump_url: '',
  texts: { enter: '', choose: '', form: '', confirm: '', done: '' },
  open: true,
  closed_notice: '',
}

/** @type {CardView} */
const card = {
  number: 'A58800000001',
  name: '388 水果卡',
  face_value_fen: 38800,
  valid_from: null,
  valid_until: '2027-12-31',
  state: 'redeemable',
  open: true,
  message: '',
  uses_total: 1,
  uses_left: 1,
  products: [
    { id: 1, name: '苹果', pictures: ['/media/apple.webp'], contents: ['红富士苹果 5 斤'], detail_html: '', undeliverable: [], undeliverable_note: '' },
    {
      id: 2,
      name: '苹果桃子礼盒',
      pictures: ['/media/box.webp', '/media/peach.webp'],
      contents: ['红富士苹果 5 斤', '阳山水蜜桃 8 个'],
      detail_html: '<p>现摘现发</p><img alt="" src="/media/orchard.webp">',
      undeliverable: [],
      undeliverable_note: '',
    },
  ],
  orders: [],
}

/** @type {OrderView} */
const order = {
  number: '202611220001',
  token: null,
  status: 'shipped',
  source: 'mini_program',
  ship_on: null,
  placed_at: '2026-11-22T04:00:00Z',
  completed_at: null,
  product_id: 1,
  product: { name: '苹果', pictures: ['/media/apple.webp'], contents: ['红富士苹果 5 斤'] },
  receiver: {
    name: '王小明',
    mobile: '138****8000',
    province: '北京市',
    city: '北京市',
    district: '海淀区',
    region_code: '110108',
    address: '中关村大街 1 号',
  },
  remark: '周末送',
  shipments: [{ courier_name: '顺丰速运', tracking_number: 'SF1234567890123', shipped_at: '2026-11-22T08:00:00Z' }],
  may_correct_address: false,
  may_correct_date: false,
}

/** @type {import('../api/types').DaysView} */
const noDays = { mode: 'none', required: false, note: '', days: [], nearest: null }

/**
 * Six days from Thursday the 26th of November: too early, closed, full, short of places, free, free.
 * @param {Partial<import('../api/types').DaysView>} [changes]
 * @returns {import('../api/types').DaysView}
 */
function daysOf(changes = {}) {
  return {
    mode: 'window',
    required: true,
    note: '每天 17 点前下单，次日起可发货。',
    days: [
      { day: '2026-11-26', open: false, fullness: null, reason: 'too_early' },
      { day: '2026-11-27', open: false, fullness: null, reason: 'closed' },
      { day: '2026-11-28', open: false, fullness: 100, reason: 'full' },
      { day: '2026-11-29', open: true, fullness: 90, reason: null },
      { day: '2026-11-30', open: true, fullness: 10, reason: null },
      { day: '2026-12-01', open: true, fullness: null, reason: null },
    ],
    nearest: '2026-11-29',
    ...changes,
  }
}

/** @type {import('../api/types').SplitAddress} */
const beijing = {
  name: '王小明',
  mobile: '13800138000',
  extension: '',
  phone: '',
  province: '北京市',
  city: '北京市',
  district: '海淀区',
  region_code: '110108',
  address: '中关村大街 1 号',
  missing: [],
  unsure: [],
}

const captcha = { statusCode: 201, data: { id: 'c1', image: 'data:image/png;base64,iVBORw0KGgo=' } }

/**
 * A card for six pick-ups after so many of them, the oldest order first, as the server lists them.
 * @param {number} used
 * @param {Partial<CardView>} [changes]
 * @returns {CardView}
 */
function sixTimes(used, changes = {}) {
  const orders = Array.from({ length: used }, (_, at) => ({
    ...order,
    number: `20261122000${at + 1}`,
    placed_at: `2026-11-22T0${at + 1}:00:00Z`,
  }))
  const state = used < 6 ? 'redeemable' : 'redeemed'
  return { ...card, uses_total: 6, uses_left: 6 - used, state, orders, ...changes }
}

/**
 * @param {number} statusCode
 * @param {string} code
 * @param {string} message
 * @param {Record<string, unknown>} [data]
 */
function refusal(statusCode, code, message, data = {}) {
  return { statusCode, data: { error: { code, message, data, request_id: 'r' } } }
}

/**
 * A network for `launch`: answers each call by the end of its path; what is not named is refused.
 * @param {Record<string, unknown>} answers a body, {statusCode, data}, 'lose' or 'refuse'; a list is used up in turn
 */
function script(answers) {
  /** @type {Record<string, unknown>} */
  const told = { storefront, check: card, days: noDays, split: beijing, captchas: captcha, ...answers }
  return (/** @type {{ url: string }} */ { url }) => {
    const name = (url.split('?')[0] || '').split('/').pop() || ''
    const next = told[name]
    const answer = Array.isArray(next) ? next.shift() : next
    if (answer === undefined || answer === 'refuse') return 'refuse'
    const whole = typeof answer === 'object' && answer !== null && 'statusCode' in answer
    return whole ? answer : { statusCode: name === 'redemptions' ? 201 : 200, data: answer }
  }
}

module.exports = { beijing, captcha, card, daysOf, noDays, order, refusal, script, sixTimes, storefront }
