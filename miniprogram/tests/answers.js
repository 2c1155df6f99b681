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
  contact_phone: '400-800-1234',
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
  message: '',
  uses_total: 1,
  uses_left: 1,
  products: [
    { id: 1, name: '苹果', pictures: ['/media/apple.webp'], contents: ['红富士苹果 5 斤'], detail_html: '' },
    {
      id: 2,
      name: '苹果桃子礼盒',
      pictures: ['/media/box.webp', '/media/peach.webp'],
      contents: ['红富士苹果 5 斤', '阳山水蜜桃 8 个'],
      detail_html: '<p>现摘现发</p><img alt="" src="/media/orchard.webp">',
    },
  ],
  orders: [],
}

/** @type {OrderView} */
const order = {
  number: '202611220001',
  status: 'shipped',
  placed_at: '2026-11-22T04:00:00Z',
  product: { name: '苹果', pictures: ['/media/apple.webp'], contents: ['红富士苹果 5 斤'] },
  receiver: {
    name: '王小明',
    mobile: '138****8000',
    province: '北京市',
    city: '北京市',
    district: '海淀区',
    address: '中关村大街 1 号',
  },
  remark: '周末送',
  shipments: [{ courier_name: '顺丰速运', tracking_number: 'SF1234567890123', shipped_at: '2026-11-22T08:00:00Z' }],
}

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
  const told = { storefront, check: card, ...answers }
  return (/** @type {{ url: string }} */ { url }) => {
    const name = url.split('/').pop() || ''
    const next = told[name]
    const answer = Array.isArray(next) ? next.shift() : next
    if (answer === undefined || answer === 'refuse') return 'refuse'
    const whole = typeof answer === 'object' && answer !== null && 'statusCode' in answer
    return whole ? answer : { statusCode: name === 'redemptions' ? 201 : 200, data: answer }
  }
}

module.exports = { storefront, card, order, sixTimes, refusal, script }
