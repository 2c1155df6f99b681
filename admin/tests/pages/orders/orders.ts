import type { Order, OrderDetail } from '@/api/types'

export function order(id: number, changes: Partial<Order> = {}): Order {
  return {
    id,
    number: `T${id}`,
    status: 'to_ship',
    source: 'h5',
    operator_name: '',
    ship_on: null,
    placed_at: '2026-11-22T05:00:00Z',
    shipped_at: null,
    completed_at: null,
    cancelled_at: null,
    card: { id, number: `A${id}`, name: '' },
    product: { id: 1, name: '苹果', pictures: [], contents: [], code: '' },
    receiver: { name: '王小明', mobile: '13800000000', province: '浙江省', city: '杭州市', district: '西湖区', region_code: '330106', address: '文三路 1 号' },
    remark: '',
    shipments: [],
    ...changes,
  }
}

export function handedOver(id: number, changes: Partial<Order> = {}): Order {
  const nobody = { name: '', mobile: '', province: '', city: '', district: '', region_code: null, address: '' }
  return order(id, { status: 'completed', source: 'counter', operator_name: '小王', completed_at: '2026-11-22T05:00:00Z', receiver: nobody, ...changes })
}

export function detail(id: number, changes: Partial<OrderDetail> = {}): OrderDetail {
  return { ...order(id), changes: [], ...changes }
}
