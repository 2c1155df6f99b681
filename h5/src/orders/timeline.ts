import type { OrderView } from '../api/types'
import { minute } from '../redeem/format'

/** Where an order is on its way. Of those ahead nobody knows the hour. */
export interface Step {
  label: string
  note: string
  state: 'done' | 'now' | 'ahead' | 'off'
}

type Told = Pick<OrderView, 'status' | 'ship_on' | 'placed_at' | 'completed_at'> & { shipments: { shipped_at: string }[] }

/** "2026-12-03" as people say it; the year only where it is another than this one. */
export function spokenDay(day: string, today = new Date()): string {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? []
  if (!year) return day
  const spoken = `${Number(month)}月${Number(date)}日`
  return Number(year) === today.getFullYear() ? spoken : `${Number(year)}年${spoken}`
}

export function timeline(order: Told): Step[] {
  const { status, ship_on: shipOn, completed_at: completedAt, shipments } = order
  const placed: Step = { label: '已下单', note: minute(order.placed_at), state: 'done' }
  if (status === 'cancelled') return [placed, { label: '已取消', note: '如有疑问请联系商家', state: 'off' }]
  const parcels = shipments.map((parcel) => parcel.shipped_at).sort()
  const shipped: Step = { label: '已发货', note: minute(parcels[0] ?? ''), state: 'done' }
  const completed: Step = { label: '已完成', note: minute(completedAt ?? ''), state: 'now' }
  if (status === 'to_ship') {
    const waiting: Step = { label: '待发货', note: shipOn ? `预约 ${spokenDay(shipOn)}发货` : '商家会尽快发货', state: 'now' }
    return [placed, waiting, { ...shipped, note: '', state: 'ahead' }, { ...completed, note: '', state: 'ahead' }]
  }
  if (status === 'shipped') return [placed, { ...shipped, state: 'now' }, { ...completed, note: '', state: 'ahead' }]
  // Handed over at the counter: there never was a parcel.
  return parcels.length > 0 ? [placed, shipped, completed] : [placed, completed]
}
