import CardPage from '@/pages/cards/CardPage.vue'
import { useSession } from '@/session/store'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { order } from '../orders/orders'
import { card, serve } from './serve'

async function show(answers: (path: string) => [number, unknown], permissions: string[] = ['cards', 'orders']) {
  useSession().me = { staff: { id: 1, name: '店主', permissions } } as never
  const sent = serve((one) => answers(one.path))
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/cards', name: 'cards', component: { template: '<i />' } },
      { path: '/cards/:id(\\d+)', name: 'card', component: CardPage },
      { path: '/orders', name: 'orders', component: { template: '<i />' } },
    ],
  })
  await router.push('/cards/9')
  const page = mount(CardPage, { global: { plugins: [router, [VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }]] } })
  await flushPromises()
  return { page, sent }
}

const HISTORY = {
  entries: [
    { kind: 'redeemed', text: '兑换“苹果”', by: '顾客', address: '', at: '2026-02-01T00:00:00Z', job_id: null, order_id: 7 },
    { kind: 'activated', text: '激活', by: '小王', address: '10.0.0.9', at: '2026-01-02T00:00:00Z', job_id: 31, order_id: null },
  ],
  orders: [order(7)],
}

beforeEach(() => setActivePinia(createPinia()))

it('shows facts, orders and what happened: who, from where, in which job', async () => {
  const { page } = await show((path) => (path.includes('/reports/') ? [200, HISTORY] : [200, card(9, { status: 'active', uses_total: 6, uses_left: 2, usage: 'partly', redeemed: true })]))
  expect(page.text()).toContain('A9')
  expect(page.text()).toContain('剩 2/6 次')
  expect(page.find('a[href="/orders?status=all&order=7"]').exists()).toBe(true)
  const entries = page.findAll('ol li').map((one) => one.text())
  expect(entries[1]).toContain('小王 · 来自 10.0.0.9 · 批量任务')
  expect(page.findAll('.page-head button').map((one) => one.text())).toEqual(['取消激活'])
})

it('does one thing to it at a time, and shows it as it is then', async () => {
  let status: 'inactive' | 'active' = 'inactive'
  const { page, sent } = await show((path) => {
    if (path.endsWith('/status')) status = 'active'
    return path.includes('/reports/') ? [200, { entries: [], orders: [] }] : [200, card(9, { status })]
  })
  const activate = page.findAll('.page-head button').find((one) => one.text() === '激活')
  void activate?.trigger('click')
  void activate?.trigger('click')
  await flushPromises()
  expect(sent.filter((one) => one.method === 'POST').map((one) => [one.path, one.body])).toEqual([['/api/m/cards/9/status', { action: 'activate' }]])
  expect(page.text()).toContain('已激活')
})

it('says that there is no such card', async () => {
  const { page } = await show(() => [404, { error: { code: 'card_not_found', message: '没有这张卡', data: {}, request_id: 'r' } }])
  expect(page.text()).toContain('没有这张卡')
  expect(page.find('.page-head').exists()).toBe(false)
})

it('does not show orders to who may not see them', async () => {
  const { page } = await show((path) => (path.includes('/reports/') ? [200, { ...HISTORY, orders: [] }] : [200, card(9)]), ['cards'])
  expect(page.text()).toContain('没有「订单查看」权限')
  expect(page.find('a[href^="/orders"]').exists()).toBe(false)
})
