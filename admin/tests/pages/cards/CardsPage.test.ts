import type { CardStatistics } from '@/api/types'
import CardsPage from '@/pages/cards/CardsPage.vue'
import { useSession } from '@/session/store'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { card, serve, type Sent } from './serve'

const STATISTICS: CardStatistics = { total: 12345, inactive: 12000, active: 300, void: 45, redeemed: 12, unredeemed: 12333, used_up: 10, expired: 7 }

async function show(address: string, statistics: () => [number, unknown] | Promise<[number, unknown]> = () => [200, STATISTICS]) {
  const sent = serve((one) => {
    if (one.path === '/api/m/cards') return [200, { items: [card(3), card(2)], next: 2, searched_to: null, count: { value: 10000, exact: false } }]
    if (one.path === '/api/m/cards/statistics') return statistics()
    if (one.path === '/api/m/cards/filters' && one.method === 'GET') return [200, { items: [{ id: 4, name: '年会', filter: { status: 'void', uses: 6 } }] }]
    if (one.path === '/api/m/distributors') return [200, { items: [{ id: 8, name: '城东', contact: '', phone: '', remark: '', closed: false, created_at: '2026-01-01T00:00:00Z' }] }]
    return [200, { items: [], next: null }]
  })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/cards', name: 'cards', component: CardsPage },
      { path: '/cards/:id(\\d+)', name: 'card', component: { template: '<i />' } },
      { path: '/:rest(.*)', component: { template: '<i />' } },
    ],
  })
  await router.push(address)
  const page = mount(CardsPage, {
    attachTo: document.body,
    global: { plugins: [router, [VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }]] },
  })
  await flushPromises()
  const chips = () => page.findAll('.chips li').map((one) => one.text())
  const figure = (label: string) => page.findAll('.figure').find((one) => one.text().startsWith(label))
  return { page, router, sent, chips, figure }
}

const asked = (sent: Sent[], path: string) => sent.filter((one) => one.path === path).map((one) => one.query)

beforeEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
  history.replaceState(null, '')
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} })
  setActivePinia(createPinia())
  useSession().me = { staff: { id: 1, name: '店主', permissions: ['cards'] } } as never
})

describe('the card list', () => {
  it('asks list and figures for what the address says, and shows it as chips', async () => {
    const { sent, chips } = await show('/cards?serial_from=1001&serial_to=1200&distributor_id=8&expired=false&junk=1')
    const filter = { serial_from: '1001', serial_to: '1200', distributor_id: '8', expired: 'false' }
    expect(asked(sent, '/api/m/cards')).toEqual([{ ...filter, limit: '50' }])
    expect(asked(sent, '/api/m/cards/statistics')).toEqual([filter])
    expect(chips()).toEqual(['卡序号 1001–1200', '券商 城东', '未过期'])
  })

  it('searches on Enter, says so in the address, and the back button takes it back', async () => {
    const { page, router, chips } = await show('/cards?status=void')
    document.dispatchEvent(new KeyboardEvent('keydown', { key: '/' }))
    const box = page.get<HTMLInputElement>('input[placeholder="输入或扫描"]')
    expect(document.activeElement).toBe(box.element)
    await box.setValue('A58')
    await page.get('input[aria-label="卡序号最小号"]').setValue('5-9')
    await page.get('form.filter').trigger('submit')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ status: 'void', number: 'A58', serial_from: '5', serial_to: '9' })
    expect(chips()).toEqual(['卡号 A58 开头', '卡序号 5–9', '已作废'])
    router.back()
    await flushPromises()
    expect(chips()).toEqual(['已作废'])
    expect(page.get<HTMLInputElement>('input[placeholder="输入或扫描"]').element.value).toBe('')
  })

  it('does not search with a number that is none, and says which', async () => {
    const { page, router } = await show('/cards')
    await page.get('input[aria-label="卡序号最小号"]').setValue('A1')
    await page.get('form.filter').trigger('submit')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({})
    expect(page.text()).toContain('卡序号最小号请填数字')
  })

  it('takes a chip away with all that belongs to it', async () => {
    const { page, router } = await show('/cards?serial_from=1&serial_to=9&status=active')
    await page.get('.chips button').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ status: 'active' })
  })

  it('shows the capped count at once and the exact one when it comes; a figure narrows and widens', async () => {
    let answer: (value: [number, unknown]) => void = () => undefined
    const { figure, router } = await show('/cards', () => new Promise((resolve) => (answer = resolve)))
    expect(figure('全部')?.text()).toContain('10,000+ 张')
    answer([200, STATISTICS])
    await flushPromises()
    expect(figure('全部')?.text()).toContain('12,345 张')
    expect(figure('已提完')?.text()).toBe('已提完10')
    await figure('已提完')?.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ usage: 'used_up' })
    expect(figure('已提完')?.attributes('aria-pressed')).toBe('true')
    await figure('已提完')?.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({})
  })

  it('says how many a range of serials is, and how many of them the filter leaves', async () => {
    const { page } = await show('/cards?serial_from=1001&serial_to=1200&status=inactive', () => [200, { ...STATISTICS, total: 198 }])
    expect(page.get('.aside.range').text()).toContain('卡序号 1001–1200 共 200 张，其中符合条件的 198 张')
  })

  it('sets the whole filter from a kept one', async () => {
    const { page, router } = await show('/cards?number=A5')
    await page.get('.open').trigger('click')
    await flushPromises()
    const name = [...document.querySelectorAll<HTMLButtonElement>('.list .name')].find((one) => one.textContent === '年会')
    name?.click()
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ status: 'void', uses: '6' })
  })
})
