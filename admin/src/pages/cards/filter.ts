import type { CardFilter, CardsQuery } from '@/api/types'
import { count, yuan } from '@/format'
import { MOST_USES } from './termsForm'
import { CARD_STATUS, CARD_USAGE } from './words'

/** What the card list can be asked for, by the names that the API and the address bar use; the common ones first. */
export const FILTER_NAMES = [
  'number',
  'batch_id',
  'serial_from',
  'serial_to',
  'status',
  'redeemed',
  'distributor_id',
  'product_id',
  'name',
  'usage',
  'usable',
  'uses',
  'expired',
  'face_value_fen',
  'made_from',
  'made_to',
  'activated_from',
  'activated_to',
  'redeemed_from',
  'redeemed_to',
] as const

export type FilterName = (typeof FILTER_NAMES)[number]

/** The filter as it stands in the address bar: text, not yet trusted. */
export type FilterText = Record<FilterName, string>

/** Those under 更多条件. */
const MORE: readonly FilterName[] = FILTER_NAMES.slice(FILTER_NAMES.indexOf('name'))

export function emptyText(): FilterText {
  return Object.fromEntries(FILTER_NAMES.map((name) => [name, ''])) as FilterText
}

function whole(text: string): number | undefined {
  const plain = text.normalize('NFKC').replace(/[,\s]/g, '')
  return /^\d{1,15}$/.test(plain) ? Number(plain) : undefined
}

function positive(text: string): number | undefined {
  const n = whole(text)
  return n === 0 ? undefined : n
}

function truth(text: string): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined
}

function day(text: string): string | undefined {
  return /^2\d{3}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
}

function oneOf<T extends string>(known: Record<T, unknown>, text: string): T | undefined {
  return Object.hasOwn(known, text) ? (text as T) : undefined
}

function usesFrom(text: string): number | undefined {
  const n = positive(text)
  return n !== undefined && n <= MOST_USES ? n : undefined
}

/** List, figures, bulk actions and export must mean the same cards: all are made from this. */
export function filterFrom(text: FilterText): CardFilter {
  const read: CardFilter = {
    number: text.number.trim() || undefined,
    batch_id: positive(text.batch_id),
    serial_from: positive(text.serial_from),
    serial_to: positive(text.serial_to),
    status: oneOf(CARD_STATUS, text.status),
    redeemed: truth(text.redeemed),
    distributor_id: whole(text.distributor_id),
    product_id: positive(text.product_id),
    name: text.name.trim() || undefined,
    usage: oneOf(CARD_USAGE, text.usage),
    // The server knows no list of all that is not usable.
    usable: truth(text.usable) || undefined,
    uses: usesFrom(text.uses),
    expired: truth(text.expired),
    face_value_fen: whole(text.face_value_fen),
    made_from: day(text.made_from),
    made_to: day(text.made_to),
    activated_from: day(text.activated_from),
    activated_to: day(text.activated_to),
    redeemed_from: day(text.redeemed_from),
    redeemed_to: day(text.redeemed_to),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

export function queryFrom(filter: CardFilter): CardsQuery {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null))
}

/** Back into the address bar; a kept filter is whatever was kept once, so unknown names are left out. */
export function textFrom(filter: Record<string, unknown>): FilterText {
  const text = emptyText()
  for (const name of FILTER_NAMES) {
    const value = filter[name]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') text[name] = String(value)
  }
  return text
}

export function isSame(a: CardFilter, b: CardFilter): boolean {
  const left = textFrom(a)
  const right = textFrom(b)
  return FILTER_NAMES.every((name) => left[name] === right[name])
}

export function hasMore(filter: CardFilter): boolean {
  return MORE.some((name) => filter[name] != null)
}

/** `1001-1200` put into one box means both ends. */
export function splitRange(text: string): [string, string] | null {
  const match = /^\s*(\d+)\s*[-–—~到至]\s*(\d+)\s*$/.exec(text.normalize('NFKC'))
  return match?.[1] && match[2] ? [match[1], match[2]] : null
}

/** Why the form can't be searched with, by field. */
export function problemsIn(text: FilterText): Partial<Record<FilterName, string>> {
  const out: Partial<Record<FilterName, string>> = {}
  const from = positive(text.serial_from)
  const to = positive(text.serial_to)
  if (text.serial_from.trim() && from === undefined) out.serial_from = '卡序号最小号请填数字，从 1 起'
  else if (text.serial_to.trim() && to === undefined) out.serial_to = '卡序号最大号请填数字，从 1 起'
  else if (from !== undefined && to !== undefined && to < from) out.serial_to = '卡序号的最大号比最小号小，请对调'
  if (text.uses.trim() && usesFrom(text.uses) === undefined) out.uses = `可提次数请填 1 到 ${MOST_USES}`
  if (text.face_value_fen.trim() && whole(text.face_value_fen) === undefined) out.face_value_fen = '面值请填金额，例如 388 或 388.50'
  for (const [a, b] of [['made_from', 'made_to'], ['activated_from', 'activated_to'], ['redeemed_from', 'redeemed_to']] as const)
    if (text[a] && text[b] && text[b] < text[a]) out[b] = '结束日期比开始日期早，请对调'
  return out
}

/** How many numbers lie between the serials that are set. */
export function rangeSize(filter: CardFilter): number | null {
  if (filter.serial_from == null || filter.serial_to == null) return null
  return Math.max(0, filter.serial_to - filter.serial_from + 1)
}

/** What ids in a filter are called. */
export interface Names {
  batch: (id: number) => string
  distributor: (id: number) => string
  product: (id: number) => string
}

export const NO_DISTRIBUTOR = '未分配券商'
export const USABLE = '可用（未作废、未提完）'

export interface Chip {
  /** What goes with it when it is taken away. */
  names: FilterName[]
  text: string
}

/** The conditions that are set, in words, so that nobody does something to cards they did not mean. */
export function chipsFor(filter: CardFilter, names: Names): Chip[] {
  const chips: Chip[] = []
  const add = (text: string, ...of: FilterName[]) => chips.push({ names: of, text })
  if (filter.number) add(`卡号 ${filter.number} 开头`, 'number')
  if (filter.batch_id != null) add(`批次 ${names.batch(filter.batch_id)}`, 'batch_id')
  if (filter.serial_from != null || filter.serial_to != null) add(`卡序号 ${span(filter.serial_from, filter.serial_to)}`, 'serial_from', 'serial_to')
  if (filter.status) add(CARD_STATUS[filter.status].label, 'status')
  if (filter.redeemed != null) add(filter.redeemed ? '已兑换' : '未兑换', 'redeemed')
  if (filter.distributor_id != null) add(filter.distributor_id === 0 ? NO_DISTRIBUTOR : `券商 ${names.distributor(filter.distributor_id)}`, 'distributor_id')
  if (filter.product_id != null) add(`商品 ${names.product(filter.product_id)}`, 'product_id')
  if (filter.name) add(`名称含 ${filter.name}`, 'name')
  if (filter.usage) add(`使用情况 ${CARD_USAGE[filter.usage]}`, 'usage')
  if (filter.usable) add(USABLE, 'usable')
  if (filter.uses != null) add(filter.uses === 1 ? '只能提一次' : `可提 ${count(filter.uses)} 次`, 'uses')
  if (filter.expired != null) add(filter.expired ? '已过期' : '未过期', 'expired')
  if (filter.face_value_fen != null) add(`面值 ¥${yuan(filter.face_value_fen)}`, 'face_value_fen')
  if (filter.made_from || filter.made_to) add(`生成于 ${span(filter.made_from, filter.made_to)}`, 'made_from', 'made_to')
  if (filter.activated_from || filter.activated_to) add(`激活于 ${span(filter.activated_from, filter.activated_to)}`, 'activated_from', 'activated_to')
  if (filter.redeemed_from || filter.redeemed_to) add(`兑换于 ${span(filter.redeemed_from, filter.redeemed_to)}`, 'redeemed_from', 'redeemed_to')
  return chips
}

function span(from: number | string | null | undefined, to: number | string | null | undefined): string {
  if (from != null && to != null) return from === to ? `${from}` : typeof from === 'number' ? `${from}–${to}` : `${from} 至 ${to}`
  return from != null ? `${from} 起` : `${to} 止`
}
