import { api, call } from '@/api/client'
import { asApiError } from '@/api/errors'
import { keys } from '@/api/queries'
import type { JobView } from '@/api/types'
import { useLive } from '@/live/store'
import { useSession } from '@/session/store'
import type { QueryClient } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, onScopeDispose, reactive, ref, shallowReactive, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { isOver, isOutdated } from './progress'

/** Without the socket, what runs is asked for this often, in milliseconds. */
const POLL_EVERY = 2_000
const NEWEST = 20
/** What lists jobs, and batches that a job makes. */
const BEGUN_BY_JOBS = [keys.jobs, keys.batches]
/** What may show cards or figures that a job has changed. */
const CHANGED_BY_JOBS = [keys.cards, keys.batches, keys.home, keys.distributors, keys.jobs]

/** Which jobs' ends an account has read at this computer: all until a moment, and some after it. */
interface Seen {
  until: string
  ids: number[]
}

const seenKey = (staffId: number) => `tihuo:jobs-seen:${staffId}`

function readSeen(staffId: number): Seen | null {
  try {
    const stored = JSON.parse(localStorage.getItem(seenKey(staffId)) ?? 'null') as Partial<Seen> | null
    return typeof stored?.until === 'string' && Array.isArray(stored.ids) ? { until: stored.until, ids: stored.ids } : null
  } catch {
    return null
  }
}

/**
 * The jobs that this screen has heard of. `start` loads the newest; from then on live events keep them up to date,
 * and polling does while the socket is down.
 */
export const useJobs = defineStore('jobs', () => {
  const live = useLive()
  const session = useSession()
  const known = shallowReactive(new Map<number, JobView>())
  const failures = shallowReactive(new Map<number, unknown>())
  /** How many parts of the screen show a job. */
  const watched = reactive(new Map<number, number>())
  const onEnded = new Set<(job: JobView) => void>()
  const seen = ref<Seen>({ until: '', ids: [] })
  let queries: QueryClient | null = null
  /** The highest number known: a higher one is a job that no list has got yet. */
  let newest = 0
  let loaded = false
  let timer: ReturnType<typeof setInterval> | undefined

  const newestFirst = computed(() => [...known.values()].sort((a, b) => b.id - a.id))
  const open = computed(() => newestFirst.value.filter((job) => !isOver(job)))
  const over = computed(() => newestFirst.value.filter(isOver).sort((a, b) => (b.finished_at ?? '').localeCompare(a.finished_at ?? '')))
  const unread = computed(() => over.value.filter(isUnread))

  function isMine(job: JobView): boolean {
    return session.staff !== null && job.staff_id === session.staff.id
  }

  /** Whether there is a file that this account may have: one with passwords is only for who exported it. */
  function mayDownload(job: JobView): boolean {
    return job.file !== null && job.file.available && (!job.file.once || isMine(job))
  }

  function isUnread(job: JobView): boolean {
    return isMine(job) && isOver(job) && (job.finished_at ?? '') > seen.value.until && !seen.value.ids.includes(job.id)
  }

  /** Takes news of a job; older news than what is known is dropped. */
  function take(job: JobView): void {
    const before = known.get(job.id)
    if (before && isOutdated(job, before)) return
    known.set(job.id, job)
    failures.delete(job.id)
    if (loaded && job.id > newest) stale(BEGUN_BY_JOBS)
    newest = Math.max(newest, job.id)
    if (before && !isOver(before) && isOver(job)) ended(job)
  }

  function stale(names: readonly string[]): void {
    for (const name of names) void queries?.invalidateQueries({ queryKey: [name] })
  }

  function ended(job: JobView): void {
    stale(CHANGED_BY_JOBS)
    if (watched.has(job.id)) markSeen(job)
    for (const tell of onEnded) tell(job)
  }

  /** Marks a job, or all that have ended until now, as read. */
  function markSeen(job?: JobView): void {
    if (job) remember({ until: seen.value.until, ids: [...seen.value.ids, job.id] })
    else remember({ until: over.value[0]?.finished_at ?? seen.value.until, ids: [] })
  }

  function remember(now: Seen): void {
    seen.value = now
    if (session.staff) localStorage.setItem(seenKey(session.staff.id), JSON.stringify(now))
  }

  async function fetchOne(id: number): Promise<void> {
    try {
      take(await call(api.GET('/api/m/jobs/{job_id}', { params: { path: { job_id: id } } })))
    } catch (error) {
      if (!known.has(id)) failures.set(id, error)
      // A job that the account may not see any more is not asked for again and again.
      if (asApiError(error).status === 404) known.delete(id)
    }
  }

  async function loadNewest(): Promise<void> {
    const { items } = await call(api.GET('/api/m/jobs', { params: { query: { limit: NEWEST } } }))
    for (const job of items) take(job)
    loaded = true
  }

  /** Asks anew for all that is still shown as running. */
  async function refresh(): Promise<void> {
    const running = new Set(open.value.map((job) => job.id))
    for (const id of watched.keys()) if (!known.has(id)) running.add(id)
    try {
      await loadNewest()
    } catch {
      // The next round asks again; the header's dot says that the line is down.
      return
    }
    const still = [...running].filter((id) => !known.has(id) || open.value.some((job) => job.id === id))
    const oldest = newestFirst.value[NEWEST - 1]?.id ?? 0
    await Promise.all(still.filter((id) => id < oldest || !known.has(id)).map(fetchOne))
  }

  function poll(): void {
    if (live.state === 'open' || document.hidden) return
    const waitedFor = open.value.length > 0 || [...watched.keys()].some((id) => !known.has(id))
    if (waitedFor) void refresh()
  }

  function start(client: QueryClient): void {
    stop()
    queries = client
    const stored = session.staff ? readSeen(session.staff.id) : null
    seen.value = stored ?? { until: '', ids: [] }
    live.onJob.add(take)
    live.onStale.add(refreshNow)
    timer = setInterval(poll, POLL_EVERY)
    // On an account's first time at this computer what ended before is no news.
    void refresh().then(() => {
      if (stored === null) markSeen()
    })
  }

  function stop(): void {
    clearInterval(timer)
    live.onJob.delete(take)
    live.onStale.delete(refreshNow)
    known.clear()
    failures.clear()
    newest = 0
    loaded = false
    queries = null
  }

  function refreshNow(): void {
    void refresh()
  }

  /** Says that a job is on the screen; answers how to say that it no longer is. Fetches what is not known. */
  function show(id: number): () => void {
    watched.set(id, (watched.get(id) ?? 0) + 1)
    if (!known.has(id)) void fetchOne(id)
    let shown = true
    return () => {
      if (!shown) return
      shown = false
      const left = (watched.get(id) ?? 1) - 1
      if (left > 0) watched.set(id, left)
      else watched.delete(id)
    }
  }

  async function cancel(id: number): Promise<void> {
    const answer = await call(api.POST('/api/m/jobs/{job_id}/cancel', { params: { path: { job_id: id } } }))
    // Live news may have overtaken the answer; that it was asked to stop holds all the same.
    take({ ...(known.get(id) ?? answer), cancellable: false })
  }

  return { known, failures, watched, onEnded, open, over, unread, isMine, mayDownload, isUnread, take, markSeen, fetchOne, refresh, start, stop, watch: show, cancel }
})

export interface UsedJob {
  /** The job as it is now; null while it is not known. */
  job: ComputedRef<JobView | null>
  /** Why it could not be fetched, null if it could. */
  error: ComputedRef<unknown>
  retry: () => void
}

/** One job, kept up to date as long as the component lives. `id` may change or be null. */
export function useJob(id: MaybeRefOrGetter<number | null | undefined>): UsedJob {
  const jobs = useJobs()
  let leave: (() => void) | undefined
  watch(
    () => toValue(id) ?? null,
    (now) => {
      leave?.()
      leave = now === null ? undefined : jobs.watch(now)
    },
    { immediate: true },
  )
  onScopeDispose(() => leave?.())
  const job = computed(() => jobs.known.get(toValue(id) ?? -1) ?? null)
  const error = computed(() => jobs.failures.get(toValue(id) ?? -1) ?? null)
  return { job, error, retry: () => void jobs.fetchOne(toValue(id) ?? -1) }
}
