import type { LiveOrder } from '@/live/client'
import { ElNotification } from 'element-plus'

/** The toast for an order that has just come in; a click on it leads to the order. */
export function showNewOrder(order: LiveOrder, open?: () => void): void {
  const handle = ElNotification({
    title: '新订单',
    message: [order.product_name, order.city].filter(Boolean).join(' · '),
    type: 'success',
    position: 'bottom-right',
    duration: 6000,
    customClass: open ? 'clickable' : '',
    onClick: () => {
      if (!open) return
      handle.close()
      open()
    },
  })
}
