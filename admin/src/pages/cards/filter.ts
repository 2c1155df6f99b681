import type { Batch, CardFilter, CardsQuery } from '@/api/types'
import { CARD_STATUS } from './words'

/** The filter as it stands in the address bar: text, not yet trusted. */
export interface FilterText {
  batch_id: string
  number: string
  serial_from: string
  serial_to: string
  status: string
  redeemed: string
}

export const FILTER_NAMES = ['batch_id', 'number', 'serial_from', 'serial_to', 'status', 'redeemed'] as const

function whole(text: string): number | undefined {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : undefined
}

/** List, bulk change and export must mean the same cards: all three are made from this. */
export function filterFrom(text: FilterText): CardFilter {
  const out: CardFilter = {}
  const batch = whole(text.batch_id)
  const from = whole(text.serial_from)
  const to = whole(text.serial_to)
  if (batch !== undefined) out.batch_id = batch
  if (text.number.trim()) out.number = text.number.trim()
  if (from !== undefined) out.serial_from = from
  if (to !== undefined) out.serial_to = to
  if (text.status === 'inactive' || text.status === 'active' || text.status === 'void') out.status = text.status
  if (text.redeemed === 'true' || text.redeemed === 'false') out.redeemed = text.redeemed === 'true'
  return out
}

export function queryFrom(filter: CardFilter): CardsQuery {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null))
}

/** The filter in words, so that nobody confirms something about cards they did not mean. */
export function wordsFor(filter: CardFilter, batches: Pick<Batch, 'id' | 'code'>[]): string[] {
  const words: string[] = []
  if (filter.batch_id != null) words.push(`批次 ${batches.find((b) => b.id === filter.batch_id)?.code ?? `#${filter.batch_id}`}`)
  if (filter.number) words.push(`卡号含 ${filter.number}`)
  if (filter.serial_from != null && filter.serial_to != null) words.push(`卡序号 ${filter.serial_from} – ${filter.serial_to}`)
  else if (filter.serial_from != null) words.push(`卡序号 ${filter.serial_from} 起`)
  else if (filter.serial_to != null) words.push(`卡序号到 ${filter.serial_to}`)
  if (filter.status) words.push(CARD_STATUS[filter.status].label)
  if (filter.redeemed != null) words.push(filter.redeemed ? '已兑换' : '未兑换')
  return words
}
