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

export function addressLine(r: Order['receiver']): string {
  const area = [r.province, r.city === r.province ? '' : r.city, r.district].join('')
  return `${area} ${r.address}`.trim()
}
