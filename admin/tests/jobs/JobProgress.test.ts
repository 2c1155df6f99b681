import type { Me } from '@/api/types'
import JobProgress from '@/jobs/JobProgress.vue'
import { useJobs } from '@/jobs/store'
import { useSession } from '@/session/store'
import { flushPromises, mount } from '@vue/test-utils'
import { ElMessageBox } from 'element-plus'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ended, file, job } from './jobs'

beforeEach(() => setActivePinia(createPinia()))

async function show(of = job(1, { done: 320, seconds_left: 12 })) {
  useJobs().take(of)
  const page = mount(JobProgress, { props: { job: of }, slots: { default: '<b class="result">好了</b>' } })
  await flushPromises()
  return page
}

describe('JobProgress', () => {
  it('shows how far it is, and follows the news', async () => {
    const page = await show()
    expect(page.text()).toContain('已处理 320 / 1,000，约剩 12 秒')
    expect(page.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('32')
    useJobs().take(job(1, { done: 500 }))
    await flushPromises()
    expect(page.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('50')
    expect(page.find('.result').exists()).toBe(false)
    useJobs().take(ended(1))
    await flushPromises()
    expect(page.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('100')
    expect(page.find('.result').exists()).toBe(true)
    expect(page.find('button').exists()).toBe(false)
  })

  it('shows the sentence of what failed', async () => {
    const page = await show(job(1, { status: 'failed', cancellable: false, error: { code: 'x', message: '卡号已被占用', data: {} } }))
    expect(page.get('[role="alert"]').text()).toBe('卡号已被占用')
    expect(page.find('[role="progressbar"]').exists()).toBe(false)
  })

  it('cancels only after having asked', async () => {
    const fetch = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(JSON.stringify(job(1, { cancellable: false })), { status: 200, headers: { 'Content-Type': 'application/json' } }))
    const ask = vi.spyOn(ElMessageBox, 'confirm').mockRejectedValueOnce('cancel')
    const page = await show()
    await page.get('button').trigger('click')
    await flushPromises()
    expect(fetch).not.toHaveBeenCalled()
    ask.mockResolvedValueOnce('confirm' as never)
    await page.get('button').trigger('click')
    await flushPromises()
    expect(new URL((fetch.mock.calls[0]?.[0] as Request).url).pathname).toBe('/api/m/jobs/1/cancel')
    expect(page.find('button').exists()).toBe(false)
  })

  it('offers the file where the page says nothing of the result itself', () => {
    const exported = ended(1, { kind: 'export_cards', file: file() })
    useJobs().take(exported)
    const page = mount(JobProgress, { props: { job: exported } })
    expect(page.get('button').text()).toContain('下载 卡券-1-3.xlsx')
  })

  it('offers a file with passwords to who exported it, and to no other account of the same name', async () => {
    const exported = ended(1, { kind: 'export_cards', file: file({ once: true }) })
    const signIn = (id: number) => (useSession().me = { merchant: { name: '果园' }, staff: { id, name: '店主', account: 'boss', permissions: ['cards'] } } as unknown as Me)
    useJobs().take(exported)
    signIn(2)
    const page = mount(JobProgress, { props: { job: exported } })
    expect(page.find('button').exists()).toBe(false)
    expect(page.text()).toContain('只有导出的人能下载')
    signIn(1)
    await flushPromises()
    expect(page.get('button').text()).toContain('下载 卡券-1-3.xlsx')
  })
})
