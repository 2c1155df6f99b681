import type { Batch, BatchIn } from '@/api/types'

export interface NumberRule {
  prefix: string
  number_length: number
  start_number: number | null
  order: NonNullable<BatchIn['order']>
}

/** The server's defaults, which 快速创建 leaves alone. */
export const QUICK_RULE: NumberRule = { prefix: '', number_length: 8, start_number: null, order: 'sequential' }

export interface NumberPreview {
  /** `x` stands for a digit that only the server can know. */
  first: string
  note: string
}

type Made = Pick<Batch, 'prefix' | 'order' | 'last_number'>

/** Without a prefix the first digit is not 0: spreadsheets drop leading zeros. */
function lowest(prefix: string, length: number): number {
  return prefix ? 1 : 10 ** (length - 1) + 1
}

/** Where the sequential batches with this prefix and length have got to. */
function lastMade(prefix: string, length: number, made: readonly Made[]): number {
  let last = 0
  for (const batch of made) {
    // One that is still being made has no numbers yet.
    const digits = batch.last_number?.slice(prefix.length) ?? ''
    if (batch.prefix === prefix && batch.order === 'sequential' && digits.length === length) last = Math.max(last, Number(digits))
  }
  return last
}

/** What the first card's number will be, before anything is made. The server skips numbers that are taken. */
export function previewFirst(rule: NumberRule, made: readonly Made[] = []): NumberPreview {
  const problem = prefixProblem(rule.prefix)
  if (problem) return { first: '—', note: problem }
  const prefix = rule.prefix.trim().toUpperCase()
  if (rule.order === 'sequential' && rule.start_number !== null) {
    return { first: prefix + String(rule.start_number + 1), note: '从起始号的下一个号开始；卡号长度不起作用' }
  }
  const length = Math.max(1, Math.min(18, rule.number_length || 0))
  const where = `${prefix ? '前缀后面 ' : ''}${length} 位`
  if (rule.order === 'random') return { first: prefix + 'x'.repeat(length), note: `${where}随机数字` }
  const last = lastMade(prefix, length, made)
  const first = prefix + String(Math.max(last + 1, lowest(prefix, length))).padStart(length, '0')
  return { first, note: last ? `${where}数字，接着上一批往下编` : `${where}数字，按顺序往下编` }
}

/** How many numbers the length leaves room for; null where the length has no say. */
export function roomFor(rule: NumberRule): number | null {
  return rule.start_number === null ? 10 ** Math.max(0, Math.min(15, rule.number_length)) : null
}

export function prefixProblem(prefix: string): string {
  const text = prefix.trim()
  if (text === '') return ''
  if (!/^[0-9A-Za-z]+$/.test(text)) return '卡号前缀只能是数字和字母'
  return text.startsWith('0') ? '卡号前缀第一位不能是 0' : ''
}
