import type { OrderDetail } from '@/api/types'
import OrderDrawer from '@/pages/orders/OrderDrawer.vue'
import OrderRows from '@/pages/orders/OrderRows.vue'
import { useSession } from '@/session/store'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { ElMessageBox } from 'element-plus'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { serve } from '../cards/serve'
import { detail, handedOver, order } from './orders'

beforeEach(() => setActivePinia(createPinia()))

async function show(now: () => OrderDetail, permissions = ['orders', 'shipping']) {
  useSession().me = { staff: { id: 1, name: '店主', permissions } } as never
  let cancelled: OrderDetail | null = null
  const sent = serve((one) => {
    if (one.path === '/api/m/couriers') return [200, { items: [] }]
    if (one.path.endsWith('/cancellation')) {
      if (now().status !== 'to_ship') return [409, { error: { code: 'order_already_shipped', message: '此订单已由 小王 发货', data: {}, request_id: 'r' } }]
      cancelled = { ...now(), status: 'cancelled', cancelled_at: '2026-11-24T06:00:00Z', changes: [{ action: 'cancelled', by: 'staff', name: '店主', before: { status: 'to_ship' }, after: { status: 'cancelled' }, at: '2026-11-24T06:00:00Z' }] }
    }
    return [200, cancelled ?? now()]
  })
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', name: 'cards', component: { template: '<i />' } }] })
  mount(OrderDrawer, { attachTo: document.body, props: { orderId: 1 }, global: { plugins: [router, [VueQueryPlugin, { queryClient }]] } })
  await flushPromises()
  const drawer = () => document.querySelector<HTMLElement>('.el-drawer')
  const button = (words: string) => [...(drawer()?.querySelectorAll('button') ?? [])].find((one) => one.textContent?.trim() === words)
  return { sent, queryClient, text: () => drawer()?.textContent ?? '', button, writes: () => sent.filter((one) => one.method === 'POST') }
}

it('shows who took it, for which day, and what was changed', async () => {
  const { text } = await show(() =>
    detail(1, {
      source: 'phone',
      operator_name: '小王',
      ship_on: '2099-12-03',
      changes: [{ action: 'receiver', by: 'customer', name: '', before: { mobile: '13800000001' }, after: { mobile: '13800000000' }, at: '2026-11-24T06:00:00Z' }],
    }),
  )
  expect(text()).toContain('电话 · 小王')
  expect(text()).toContain('预约 2099年12月3日')
  expect(text()).toMatch(/顾客改了收货信息.*手机.*13800000001.*改为.*13800000000/)
})

it('shows one handed over without receiver and without shipping', async () => {
  const { text, button } = await show(() => ({ ...handedOver(1), changes: [] }))
  expect(text()).toContain('小王经手')
  expect(text()).toContain('到店 · 小王')
  expect(text()).not.toContain('收货人')
  expect(text()).not.toContain('没有物流信息')
  expect(button('取消订单')).toBeUndefined()
})

it('cancels once it was confirmed that the card becomes good again', async () => {
  const { writes, text, button } = await show(() => detail(1, { ship_on: '2099-12-03' }))
  const confirm = vi.spyOn(ElMessageBox, 'confirm').mockRejectedValueOnce('cancel').mockResolvedValue('confirm' as never)
  button('取消订单')?.click()
  await flushPromises()
  expect(writes()).toEqual([])
  expect(confirm.mock.calls[0]?.[0]).toContain('卡 A1 可以再次提货')
  button('取消订单')?.click()
  await flushPromises()
  expect(writes().map((one) => one.path)).toEqual(['/api/m/orders/1/cancellation'])
  expect(text()).toContain('这个订单已取消，卡可以再次提货')
  expect(text()).toContain('店主取消了订单')
  expect(button('取消订单')).toBeUndefined()
})

it('is shown anew where somebody was quicker', async () => {
  let now = detail(1)
  const { text, button } = await show(() => now)
  vi.spyOn(ElMessageBox, 'confirm').mockResolvedValue('confirm' as never)
  now = detail(1, { status: 'shipped' })
  button('取消订单')?.click()
  await flushPromises()
  expect(text()).toContain('已发')
  expect(document.body.textContent).toContain('此订单已由 小王 发货')
  expect(button('取消订单')).toBeUndefined()
})

it('can be cancelled only by who may ship', async () => {
  const { button } = await show(() => detail(1), ['orders'])
  expect(button('取消订单')).toBeUndefined()
})

it('has day and source in its row, and none of a receiver where there is none', () => {
  const page = mount(OrderRows, { props: { orders: [order(1, { source: 'phone', operator_name: '小王', ship_on: '2099-12-03' }), handedOver(2), order(3, { status: 'cancelled' })] }, global: { stubs: { TransitionGroup: false } } })
  const rows = page.findAll('tbody tr').map((row) => row.text())
  expect(rows[0]).toContain('预约 2099年12月3日')
  expect(rows[0]).toContain('电话')
  expect(rows[1]).toMatch(/到店.*店内交付，小王经手.*已完成/)
  expect(rows[2]).toContain('已取消')
})
