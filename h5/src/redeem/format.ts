import type { CardView, OrderView } from '../api/types'

export function yuan(fen: number): string {
  return fen % 100 === 0 ? String(fen / 100) : (fen / 100).toFixed(2)
}

export function validity({ valid_from: from, valid_until: until }: Pick<CardView, 'valid_from' | 'valid_until'>): string {
  if (from && until) return `${from} 至 ${until}`
  if (until) return `至 ${until}`
  if (from) return `${from} 起`
  return '长期有效'
}

type Uses = Pick<CardView, 'state' | 'uses_total' | 'uses_left'>

/** Of a card for several pick-ups; empty for any other. */
export function uses({ state, uses_total: total, uses_left: left }: Uses): string {
  if (total <= 1) return ''
  if (state === 'redeemable') return `共 ${total} 次，还可提 ${left} 次`
  return left === 0 ? `已全部提完（${total} 次）` : `共 ${total} 次，已提 ${total - left} 次`
}

/** The same, right after a pick-up. */
export function usesLeft(card: Uses): string {
  return card.uses_total > 1 && card.state === 'redeemable' ? `还可提 ${card.uses_left} 次` : uses(card)
}

export function newestFirst(orders: OrderView[]): OrderView[] {
  return [...orders].sort((one, other) => Date.parse(other.placed_at) - Date.parse(one.placed_at))
}

/** In the reader's own time zone. */
export function minute(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ''
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** 14:05, in the reader's own time zone. */
export function clock(at: number): string {
  return minute(new Date(at).toISOString()).slice(11)
}

export function wait(seconds: number): string {
  if (seconds < 60) return `${seconds} 秒`
  const minutes = Math.floor(seconds / 60)
  return seconds % 60 === 0 ? `${minutes} 分钟` : `${minutes} 分 ${seconds % 60} 秒`
}

export const STATUS: Record<OrderView['status'], string> = {
  to_ship: '待发货',
  shipped: '已发货',
  completed: '已完成',
  cancelled: '已取消',
}

export function place(receiver: { province: string; city: string; district: string }): string {
  const { province, city, district } = receiver
  // 北京市 北京市 东城区 reads as a stutter.
  return [province, city === province ? '' : city, district].filter(Boolean).join(' ')
}
