import { newKey } from '@/api/idempotency'
import type { BatchIn } from '@/api/types'
import { count } from '@/format'
import { prefixProblem, roomFor, type NumberRule } from './numbers'
import { emptyTerms, termsBody, termsProblems, whole, type TermsForm } from './termsForm'

export interface BatchForm extends TermsForm {
  quick: boolean
  prefix: string
  number_length: string
  start_number: string
  order: NonNullable<BatchIn['order']>
  password_length: string
  password_alphabet: NonNullable<BatchIn['password_alphabet']>
  quantity: string
  /** Idempotency key of this filled form; a lost answer or a reload sends the same again. */
  key: string
}

export const MOST_AT_ONCE = 1_000_000

export function emptyBatch(): BatchForm {
  return {
    ...emptyTerms(),
    quick: true,
    prefix: '',
    number_length: '8',
    start_number: '',
    order: 'sequential',
    password_length: '10',
    password_alphabet: 'digits',
    quantity: '',
    key: newKey(),
  }
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
  const quantity = whole(form.quantity)
  const terms = termsProblems(form)
  const out: Record<string, string> = {}
  if (terms['product_ids']) out['product_ids'] = terms['product_ids']
  if (!(quantity >= 1 && quantity <= MOST_AT_ONCE)) out['quantity'] = `请填写 1 到 ${count(MOST_AT_ONCE)} 之间的数量`
  if (form.quick) return out
  Object.assign(out, terms)
  const prefix = prefixProblem(form.prefix)
  if (prefix) out['prefix'] = prefix
  if (form.start_number.trim() !== '' && Number.isNaN(whole(form.start_number))) out['start_number'] = '起始号只能是数字'
  else if (form.start_number.trim() !== '' && form.order === 'random') out['start_number'] = '起始号只用于顺序生成，请清空或改为顺序生成'
  const room = roomFor(ruleOf(form))
  if (form.start_number.trim() === '') {
    if (!(whole(form.number_length) >= 3 && whole(form.number_length) <= 18)) out['number_length'] = '卡号长度为 3 到 18 位'
    else if (room !== null && quantity > room) out['number_length'] = `${form.number_length} 位数字不够编 ${count(quantity)} 张，请加长`
  }
  const length = whole(form.password_length)
  if (!(length >= 6 && length <= 32)) out['password_length'] = '密码长度为 6 到 32 位'
  return out
}

/** 快速创建 sends products and quantity alone; all else is the server's default. */
export function bodyOf(form: BatchForm): BatchIn {
  const quantity = whole(form.quantity)
  if (form.quick) return { product_ids: form.product_ids, quantity }
  const rule = ruleOf(form)
  return {
    ...termsBody(form),
    quantity,
    prefix: form.prefix.trim(),
    number_length: rule.number_length || 8,
    start_number: rule.start_number,
    order: form.order,
    password_length: whole(form.password_length),
    password_alphabet: form.password_alphabet,
  }
}
