import type { OrderChange } from '@/api/types'
import { dayName } from './words'

export interface ChangeLine {
  label: string
  before: string
  after: string
}

/** In the order in which an address is read; several fields of one place are one line. */
const LINES: { label: string; fields: string[] }[] = [
  { label: '收货人', fields: ['receiver_name'] },
  { label: '手机', fields: ['mobile'] },
  { label: '地区', fields: ['province', 'city', 'district'] },
  { label: '详细地址', fields: ['address'] },
]

export function titleOf(change: OrderChange): string {
  return { receiver: '改了收货信息', ship_on: '改了预约日期', cancelled: '取消了订单' }[change.action]
}

/** Customers have no name of their own here. */
export function whoOf(change: OrderChange): string {
  return change.by === 'customer' ? '顾客' : change.name
}

/** What was before and what is after, field by field; nothing for a cancellation, which its title says. */
export function linesOf(change: OrderChange): ChangeLine[] {
  const { before, after } = change
  if (change.action === 'ship_on') return [{ label: '预约', before: dayOf(before['ship_on']), after: dayOf(after['ship_on']) }]
  if (change.action === 'cancelled') return []
  return LINES.flatMap(({ label, fields }) => {
    const changed = fields.filter((field) => field in before || field in after)
    if (changed.length === 0) return []
    return [{ label, before: joined(before, changed), after: joined(after, changed) }]
  })
}

function dayOf(day: string | null | undefined): string {
  return day ? dayName(day) : '没有预约'
}

function joined(values: OrderChange['before'], fields: string[]): string {
  return fields.map((field) => values[field] ?? '').join('') || '（空）'
}
