import { api, call } from '@/api/client'
import { messageOf } from '@/api/errors'
import { keys } from '@/api/queries'
import type { Order } from '@/api/types'
import { useQueryClient } from '@tanstack/vue-query'
import { ElMessage, ElMessageBox } from 'element-plus'
import { ref } from 'vue'
import { dayName } from './words'

/** Cancelling an order that has not been shipped; its card can be redeemed again. */
export function useCancel() {
  const queries = useQueryClient()
  const busy = ref(false)

  async function cancel(order: Order): Promise<void> {
    if (busy.value) return
    const day = order.ship_on ? `${dayName(order.ship_on)}的预约名额也会放出来。` : ''
    const agreed = await ElMessageBox.confirm(`订单 ${order.number}，${order.product.name}。取消后卡 ${order.card.number} 可以再次提货。${day}取消后不能恢复。`, '取消这个订单？', {
      confirmButtonText: '取消订单',
      confirmButtonClass: 'el-button--danger',
      cancelButtonText: '不取消',
    }).catch(() => null)
    if (!agreed) return
    busy.value = true
    try {
      const cancelled = await call(api.POST('/api/m/orders/{order_id}/cancellation', { params: { path: { order_id: order.id } } }))
      queries.setQueryData([keys.orders, 'one', order.id], cancelled)
      ElMessage.success(`订单 ${order.number} 已取消`)
    } catch (error) {
      ElMessage.error(messageOf(error))
    } finally {
      busy.value = false
      for (const name of [keys.orders, keys.home, keys.cards]) void queries.invalidateQueries({ queryKey: [name] })
    }
  }

  return { busy, cancel }
}
