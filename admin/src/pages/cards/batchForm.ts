import { newKey } from '@/api/idempotency'
import type { BatchIn } from '@/api/types'
import { fenFrom } from '@/format'
import { prefixProblem, roomFor, type NumberRule } from './numbers'

export interface BatchForm {
  quick: boolean
  name: string
  prefix: string
  number_length: string
  start_number: string
  order: NonNullable<BatchIn['order']>
  password_length: string
  password_alphabet: NonNullable<BatchIn['password_alphabet']>
  quantity: string
  status: NonNullable<BatchIn['status']>
  product_ids: number[]
  face_value: string
  valid_from: string | null
  valid_until: string | null
  remark: string
  /** Idempotency key of this filled form; a lost answer or a reload sends the same again. */
  key: string
}

export const MOST_AT_ONCE = 10_000

export function emptyBatch(): BatchForm {
  return {
    quick: true,
    name: '',
    prefix: '',
    number_length: '8',
    start_number: '',
    order: 'sequential',
    password_length: '10',
    password_alphabet: 'digits',
    quantity: '',
    status: 'inactive',
    product_ids: [],
    face_value: '',
    valid_from: null,
    valid_until: null,
    remark: '',
    key: newKey(),
  }
}

function whole(text: string): number {
  const plain = text.trim().replace(/[,，]/g, '')
  return /^\d{1,15}$/.test(plain) ? Number(plain) : NaN
}

export function ruleOf(form: BatchForm): NumberRule {
  const start = form.start_number.trim() === '' ? null : whole(form.start_number)
  return {
    prefix: form.prefix,
    number_length: whole(form.number_length) || 0,
    start_number: start !== null && Number.isNaN(start) ? null : start,
    order: form.order,
  }
}

/** Field → sentence. The server checks again and knows more. */
export function problemsOf(form: BatchForm): Record<string, string> {
  const out: Record<string, string> = {}
  const quantity = whole(form.quantity)
  if (form.product_ids.length === 0) out['product_ids'] = '请至少勾选一种对应商品'
  if (!(quantity >= 1 && quantity <= MOST_AT_ONCE)) out['quantity'] = '请填写 1 到 10,000 之间的数量'
  if (form.quick) return out
  const prefix = prefixProblem(form.prefix)
  if (prefix) out['prefix'] = prefix
  if (form.start_number.trim() !== '' && Number.isNaN(whole(form.start_number))) out['start_number'] = '起始号只能是数字'
  else if (form.start_number.trim() !== '' && form.order === 'random') out['start_number'] = '起始号只用于顺序生成，请清空或改为顺序生成'
  const room = roomFor(ruleOf(form))
  if (form.start_number.trim() === '') {
    if (!(whole(form.number_length) >= 3 && whole(form.number_length) <= 18)) out['number_length'] = '卡号长度为 3 到 18 位'
    else if (room !== null && quantity > room) out['number_length'] = `${form.number_length} 位数字不够编 ${form.quantity} 张，请加长`
  }
  const length = whole(form.password_length)
  if (!(length >= 6 && length <= 32)) out['password_length'] = '密码长度为 6 到 32 位'
  const face = fenFrom(form.face_value)
  if (face !== null && Number.isNaN(face)) out['face_value_fen'] = '请填写金额，例如 388 或 388.50'
  if (form.valid_from && form.valid_until && form.valid_from > form.valid_until) out['valid_until'] = '结束日期不能早于开始日期'
  return out
}

/** 快速创建 sends products and quantity alone; all else is the server's default. */
export function bodyOf(form: BatchForm): BatchIn {
  const needed = { product_ids: form.product_ids, quantity: whole(form.quantity) }
  if (form.quick) return needed
  const rule = ruleOf(form)
  return {
    ...needed,
    name: form.name.trim(),
    prefix: form.prefix.trim(),
    number_length: rule.number_length || 8,
    start_number: rule.start_number,
    order: form.order,
    password_length: whole(form.password_length),
    password_alphabet: form.password_alphabet,
    status: form.status,
    face_value_fen: fenFrom(form.face_value),
    valid_from: form.valid_from,
    valid_until: form.valid_until,
    remark: form.remark.trim(),
  }
}
