import type { Guessing } from '@/api/types'
import GuessingPage from '@/pages/guessing/GuessingPage.vue'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { ElMessageBox } from 'element-plus'
import { expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { serve } from '../cards/serve'

const CALM: Guessing = { alarm: false, failures: 0, locked: [], prefixes: [], addresses: [], recent: [], blocks: [] }
const ATTACK: Guessing = {
  alarm: true,
  failures: 1312,
  locked: [
    { number: 'A1', card_id: 11, failures: 5, paused: true, retry_after: 840 },
    { number: 'A9', card_id: null, failures: 3, paused: false, retry_after: 60 },
  ],
  prefixes: [{ prefix: 'A588', failures: 44, retry_after: 300 }],
  addresses: [
    { address: '203.0.113.7', failures: 40, numbers: 20, last_at: '2026-11-24T06:00:00Z', blocked_until: null },
    { address: '198.51.100.4', failures: 9, numbers: 2, last_at: '2026-11-24T06:00:00Z', blocked_until: '2026-11-25T06:00:00Z' },
    { address: 'staff:5', failures: 3, numbers: 1, last_at: '2026-11-24T06:00:00Z', blocked_until: null },
  ],
  recent: [{ number: 'A1', address: '203.0.113.7', at: '2026-11-24T06:00:00Z' }],
  blocks: [{ id: 4, address: '198.51.100.4', reason: '扫号', by: '店主', created_at: '2026-11-24T06:00:00Z', blocked_until: '2026-11-25T06:00:00Z' }],
}

async function show(now: () => Guessing) {
  const sent = serve((one) => {
    if (one.method === 'GET') return [200, now()]
    if (one.path.endsWith('/blocks')) return [201, { id: 8, address: '203.0.113.7', reason: '', by: '店主', created_at: '2026-11-24T06:00:00Z', blocked_until: '2026-12-01T06:00:00Z' }]
    return [200, null]
  })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { template: '<i />' } }, { path: '/cards/:id', name: 'card', component: { template: '<i />' } }] })
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const page = mount(GuessingPage, { attachTo: document.body, global: { plugins: [router, [VueQueryPlugin, { queryClient }]] } })
  await flushPromises()
  return { page, sent, queryClient, writes: () => sent.filter((one) => one.method !== 'GET') }
}

it('says so where nobody guesses', async () => {
  const { page } = await show(() => CALM)
  expect(page.text()).toContain('最近 24 小时没有猜密迹象')
  expect(page.find('table').exists()).toBe(false)
})

it('shows the alarm, what is paused and for how long, who tries and what is blocked', async () => {
  const { page } = await show(() => ATTACK)
  expect(page.get('[role=alert]').text()).toContain('1,312 次')
  const [locked, addresses] = page.findAll('table')
  const rows = locked?.findAll('tbody tr').map((row) => row.text())
  expect(rows?.[0]).toMatch(/A1.*5 次.*已暂停.*14 分钟/)
  expect(rows?.[1]).toMatch(/A9没有这个卡号.*要验证码.*60 秒/)
  expect(locked?.find('a').attributes('href')).toBe('/cards/11')
  expect(addresses?.text()).toContain('后台账号 5')
  // Neither one that is blocked already nor an account can be blocked.
  expect(addresses?.findAll('button').map((one) => one.attributes('aria-label'))).toEqual(['封 203.0.113.7'])
  expect(page.text()).toContain('A588')
  expect(page.text()).toContain('扫号')
})

it('unlocks a card once it was confirmed, and asks anew', async () => {
  let now = ATTACK
  const { page, writes } = await show(() => now)
  const confirm = vi.spyOn(ElMessageBox, 'confirm').mockRejectedValueOnce('cancel').mockResolvedValue('confirm' as never)
  const button = () => page.find('button[aria-label="解除 A1 的限制"]')
  await button().trigger('click')
  await flushPromises()
  expect(writes()).toEqual([])
  now = { ...ATTACK, locked: [] }
  await button().trigger('click')
  await flushPromises()
  expect(confirm).toHaveBeenCalledTimes(2)
  expect(writes().map((one) => [one.method, one.path, one.body])).toEqual([['POST', '/api/m/guessing/unlock', { number: 'A1' }]])
  expect(button().exists()).toBe(false)
})

it('blocks an address for so long with a reason, and unblocks one', async () => {
  const { page, writes } = await show(() => ATTACK)
  await page.get('button[aria-label="封 203.0.113.7"]').trigger('click')
  await flushPromises()
  const dialog = document.querySelector<HTMLElement>('.el-dialog')
  expect(dialog?.querySelector<HTMLInputElement>('input[placeholder*="203"]')?.value).toBe('203.0.113.7')
  dialog?.querySelector<HTMLInputElement>('input[type=radio][value="168"]')?.click()
  const reason = dialog?.querySelector<HTMLInputElement>('input[placeholder*="同事"]')
  if (!reason) throw new Error('no field for the reason')
  reason.value = '扫号'
  reason.dispatchEvent(new Event('input'))
  await flushPromises()
  ;[...(dialog?.querySelectorAll('button') ?? [])].find((one) => one.textContent === '封掉')?.click()
  await flushPromises()
  vi.spyOn(ElMessageBox, 'confirm').mockResolvedValue('confirm' as never)
  await page.get('button[aria-label="解封 198.51.100.4"]').trigger('click')
  await flushPromises()
  expect(writes().map((one) => [one.method, one.path, one.body])).toEqual([
    ['POST', '/api/m/guessing/blocks', { address: '203.0.113.7', hours: 168, reason: '扫号' }],
    ['DELETE', '/api/m/guessing/blocks/4', null],
  ])
})

it('asks again by itself while it is open, and when the live line says so', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  try {
    let now = CALM
    const { page, sent, queryClient } = await show(() => now)
    await vi.advanceTimersByTimeAsync(15_000)
    await flushPromises()
    expect(sent).toHaveLength(2)
    now = ATTACK
    void queryClient.invalidateQueries({ queryKey: ['guessing'] })
    await vi.advanceTimersByTimeAsync(0)
    await flushPromises()
    expect(page.get('[role=alert]').text()).toContain('大量猜密')
  } finally {
    vi.useRealTimers()
  }
})
