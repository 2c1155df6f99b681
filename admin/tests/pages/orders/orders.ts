import type { Order } from '@/api/types'

export function order(id: number, changes: Partial<Order> = {}): Order {
  return {
    id,
    number: `T${id}`,
    status: 'to_ship',
    source: 'h5',
    placed_at: '2026-11-22T05:00:00Z',
    card: { id, number: `A${id}`, name: '' },
    product: { id: 1, name: '苹果', pictures: [], contents: [], code: '' },
    receiver: { name: '王小明', mobile: '13800000000', province: '浙江省', city: '杭州市', district: '西湖区', address: '文三路 1 号' },
    remark: '',
    shipments: [],
    ...changes,
  }
}
