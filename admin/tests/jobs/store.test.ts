import type { JobView, Me } from '@/api/types'
import { useJob, useJobs } from '@/jobs/store'
import { useLive } from '@/live/store'
import { useSession } from '@/session/store'
import { QueryClient } from '@tanstack/vue-query'
import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { staleNames } from '../stale'
import { ended, job } from './jobs'

/** What the server has; calls are counted by path. */
let onServer: Map<number, JobView>
let asked: string[]
const queries = new QueryClient()

function serve(): void {
  onServer = new Map()
  asked = []
  vi.spyOn(globalThis, 'fetch').mockImplementation((input) => {
    const path = new URL((input as Request).url).pathname
    asked.push(path)
    const json = (status: number, body: unknown) => Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }))
    if (path === '/api/m/jobs') return json(200, { items: [...onServer.values()].sort((a, b) => b.id - a.id).slice(0, 20), next: null })
    const found = onServer.get(Number(/\/jobs\/(\d+)$/.exec(path)?.[1]))
    return found ? json(200, found) : json(404, { error: { code: 'job_not_found', message: '没有这个任务', data: {} } })
  })
}

async function started(...known: JobView[]) {
  for (const one of known) onServer.set(one.id, one)
  const jobs = useJobs()
  jobs.start(queries)
  await flushPromises()
  return jobs
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  serve()
  setActivePinia(createPinia())
  useSession().me = { merchant: { name: '果园' }, staff: { id: 1, name: '店主', account: 'boss', permissions: ['cards'] } } as unknown as Me
})
afterEach(() => {
  useJobs().stop()
  vi.useRealTimers()
})

describe('the jobs that a screen knows', () => {
  it('loads the newest, and sorts what runs from what is over', async () => {
    const jobs = await started(ended(1), job(2), ended(3, { finished_at: '2026-11-24T06:05:00Z' }))
    expect(jobs.open.map((one) => one.id)).toEqual([2])
    expect(jobs.over.map((one) => one.id)).toEqual([3, 1])
  })

  it('takes live news, and drops older news', async () => {
    const jobs = await started(job(1, { done: 10 }))
    for (const tell of useLive().onJob) tell(job(1, { done: 400 }))
    jobs.take(job(1, { done: 300 }))
    expect(jobs.known.get(1)?.done).toBe(400)
  })

  it('says once that a job has ended, and has the lists asked for anew', async () => {
    const jobs = await started(job(1))
    const told: number[] = []
    jobs.onEnded.add((one) => told.push(one.id))
    const stale = staleNames(queries)
    jobs.take(job(1, { done: 500 }))
    expect(stale).toEqual([])
    jobs.take(ended(1))
    jobs.take(ended(1))
    jobs.take(job(1, { done: 900 }))
    expect(told).toEqual([1])
    expect(stale).toEqual(['cards', 'batches', 'home', 'distributors', 'jobs'])
  })

  it('has the lists asked for anew for a job that they cannot have, the very first too, and for no other', async () => {
    const jobs = await started(ended(5))
    const stale = staleNames(queries)
    jobs.take(ended(2))
    expect(stale).toEqual([])
    jobs.take(job(6, { status: 'waiting' }))
    expect(stale).toEqual(['jobs', 'batches'])
    jobs.stop()
    onServer.clear()
    await started()
    stale.length = 0
    jobs.take(job(1))
    expect(stale).toEqual(['jobs', 'batches'])
  })

  it('marks my ended jobs as unread until they were seen, over a reload too', async () => {
    const jobs = await started(ended(1), job(2), job(3, { staff_id: 2 }))
    expect(jobs.unread).toEqual([])
    jobs.take(ended(2, { finished_at: '2026-11-24T06:10:00Z' }))
    jobs.take(ended(3, { staff_id: 2, finished_at: '2026-11-24T06:11:00Z' }))
    expect(jobs.unread.map((one) => one.id)).toEqual([2])
    onServer.set(2, ended(2, { finished_at: '2026-11-24T06:10:00Z' }))
    await started()
    expect(jobs.unread.map((one) => one.id)).toEqual([2])
    jobs.markSeen()
    await started()
    expect(jobs.unread).toEqual([])
  })

  it('counts what ends before one’s eyes as seen', async () => {
    const jobs = await started(job(1), job(2))
    const leave = jobs.watch(1)
    jobs.take(ended(2))
    jobs.take(ended(1))
    expect(jobs.unread.map((one) => one.id)).toEqual([2])
    leave()
    expect(jobs.watched.size).toBe(0)
  })

  it('asks every 2 seconds while the socket is down and something runs, and not otherwise', async () => {
    const jobs = await started(job(1))
    const polls = () => asked.filter((path) => path === '/api/m/jobs').length
    const before = polls()
    onServer.set(1, job(1, { done: 700 }))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(polls()).toBe(before + 1)
    expect(jobs.known.get(1)?.done).toBe(700)
    useLive().state = 'open'
    await vi.advanceTimersByTimeAsync(10_000)
    expect(polls()).toBe(before + 1)
    useLive().state = 'waiting'
    onServer.set(1, ended(1))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(jobs.known.get(1)?.status).toBe('done')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(polls()).toBe(before + 2)
  })

  it('polls a watched job that is not among the newest by its number', async () => {
    const newer = Array.from({ length: 20 }, (_, at) => ended(100 + at))
    const jobs = await started(...newer)
    onServer.set(5, job(5))
    const leave = jobs.watch(5)
    await flushPromises()
    onServer.set(5, job(5, { done: 600 }))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(jobs.known.get(5)?.done).toBe(600)
    leave()
  })

  it('asks anew for what runs when news were missed', async () => {
    const jobs = await started(job(1))
    useLive().state = 'open'
    onServer.set(1, ended(1))
    for (const tell of useLive().onStale) tell()
    await flushPromises()
    expect(jobs.known.get(1)?.status).toBe('done')
  })

  it('cancels', async () => {
    const jobs = await started(job(1))
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(JSON.stringify(job(1, { cancellable: false })), { status: 200, headers: { 'Content-Type': 'application/json' } }))
    await jobs.cancel(1)
    expect(jobs.known.get(1)?.cancellable).toBe(false)
  })
})

describe('useJob', () => {
  it('fetches what is not known, follows the id, and says why where it cannot', async () => {
    const jobs = await started()
    onServer.set(7, job(7, { done: 1 }))
    const id = ref<number | null>(7)
    const scope = effectScope()
    const used = scope.run(() => useJob(id))
    await flushPromises()
    expect(used?.job.value?.done).toBe(1)
    jobs.take(job(7, { done: 2 }))
    expect(used?.job.value?.done).toBe(2)
    id.value = 8
    await flushPromises()
    expect(used?.job.value).toBeNull()
    expect(used?.error.value).toMatchObject({ code: 'job_not_found' })
    expect([...jobs.watched.keys()]).toEqual([8])
    scope.stop()
    expect(jobs.watched.size).toBe(0)
  })
})
