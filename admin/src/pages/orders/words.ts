import type { Order } from '@/api/types'

type Tone = 'green' | 'amber' | 'red' | 'blue' | 'grey'

export const ORDER_STATUS: Record<Order['status'], { label: string; tone: Tone }> = {
  to_ship: { label: '待发', tone: 'amber' },
  shipped: { label: '已发', tone: 'green' },
  completed: { label: '已完成', tone: 'grey' },
  cancelled: { label: '已取消', tone: 'red' },
}

export const ORDER_SOURCE: Record<Order['source'], string> = {
  h5: '网页',
  mini_program: '小程序',
  phone: '电话',
  counter: '到店',
}

/** Whether somebody wanted it in a parcel: what was handed over at the counter has no receiver. */
export function hasReceiver(order: Pick<Order, 'receiver'>): boolean {
  return order.receiver.name !== ''
}

/** 网页, or who took it: 电话 · 小王. */
export function sourceOf(order: Pick<Order, 'source' | 'operator_name'>): string {
  return [ORDER_SOURCE[order.source], order.operator_name].filter(Boolean).join(' · ')
}

export function dayName(day: string, now = new Date()): string {
  const [year, month, date] = day.split('-').map(Number)
  return `${year === now.getFullYear() ? '' : `${year}年`}${month}月${date}日`
}

/** The day an order is to be sent on: red when it has passed and the parcel has not gone, amber on the day itself. */
export function appointment(order: Pick<Order, 'ship_on' | 'status'>, now = new Date()): { text: string; tone: Tone } | null {
  if (!order.ship_on) return null
  const today = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, '0')).join('-')
  const text = `预约 ${dayName(order.ship_on, now)}`
  if (order.status !== 'to_ship') return { text, tone: 'grey' }
  if (order.ship_on < today) return { text: `${text} · 已过`, tone: 'red' }
  return order.ship_on === today ? { text: `${text} · 今天`, tone: 'amber' } : { text, tone: 'blue' }
}

export function addressLine(r: Order['receiver']): string {
  const area = [r.province, r.city === r.province ? '' : r.city, r.district].join('')
  return `${area} ${r.address}`.trim()
}
