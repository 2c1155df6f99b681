import { api, call } from '@/api/client'
import type { Order } from '@/api/types'

export function ship(id: number, courier: string, tracking: string): Promise<Order> {
  return call(
    api.POST('/api/m/orders/{order_id}/shipments', {
      params: { path: { order_id: id } },
      body: { courier_code: courier, tracking_number: tracking },
    }),
  )
}
