/** The address form: its empty state and the checks that need no server. */

const { mobile, oneLine } = require('./text')

/**
 * @typedef {object} Draft
 * @property {string} name
 * @property {string} mobile
 * @property {string[]} region province, city, district; empty until picked
 * @property {string | null} regionCode
 * @property {string} address
 * @property {string} remark
 * @property {string | null} shipOn the chosen day; null is as soon as possible
 */

/** @typedef {import('../../api/types').FieldProblem} FieldProblem */

/** @returns {Draft} */
function emptyDraft() {
  return { name: '', mobile: '', region: [], regionCode: null, address: '', remark: '', shipOn: null }
}

/**
 * @param {Draft} draft
 * @returns {import('../../api/types').Receiver}
 */
function toReceiver(draft) {
  const [province = '', city = '', district = ''] = draft.region
  return {
    name: oneLine(draft.name),
    mobile: mobile(draft.mobile),
    province,
    city,
    district,
    region_code: draft.regionCode,
    address: oneLine(draft.address),
  }
}

/**
 * A place in one line; the four cities that are provinces too are named once.
 * @param {{ province: string, city: string, district: string, address: string }} receiver
 */
function placeOf({ province, city, district, address }) {
  return [province, city === province ? '' : city, district, address].filter(Boolean).join(' ')
}

/**
 * Says early what the server would refuse. The server's word stands; it may refuse more.
 * @param {Draft} draft
 * @returns {FieldProblem[]}
 */
function problemsOf(draft) {
  const receiver = toReceiver(draft)
  const problems = []
  if (!receiver.name) problems.push({ field: 'receiver.name', message: '请填写收货人姓名' })
  if (!/^1[3-9]\d{9}$/.test(receiver.mobile)) problems.push({ field: 'receiver.mobile', message: '请填写 11 位手机号' })
  if (!receiver.province || !receiver.city) problems.push({ field: 'receiver.province', message: '请选择所在地区' })
  if (receiver.address.length < 2) problems.push({ field: 'receiver.address', message: '请填写详细地址' })
  return problems
}

/** Fields of the API that one control of the form stands for. */
const REGION = new Set(['province', 'city', 'district', 'region_code'])
const CONTROLS = new Set(['name', 'mobile', 'region', 'address', 'shipOn', 'remark'])

/**
 * The control that shows a field's problem, or '' where the form has none for it.
 * @param {string} field such as `receiver.mobile`
 */
function controlOf(field) {
  const last = field.split('.').pop() || ''
  const control = REGION.has(last) ? 'region' : last === 'ship_on' ? 'shipOn' : last
  return CONTROLS.has(control) ? control : ''
}

module.exports = { emptyDraft, toReceiver, placeOf, problemsOf, controlOf }
