import { api, call } from '@/api/client'
import { keys } from '@/api/queries'
import type { Card, CardFilter, CardPage } from '@/api/types'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { queryFrom } from './filter'

/**
 * What was found beyond the page's first answer. Where few cards match, one answer stops at the serial `searchedTo`;
 * the list then asks on until the page is full.
 */
interface Further {
  state: 'none' | 'searching' | 'stopped' | 'failed' | 'done'
  items: Card[]
  next: number | null
  searchedTo: number | null
  error: unknown
}

const NONE: Further = { state: 'none', items: [], next: null, searchedTo: null, error: null }

function ask(filter: CardFilter, after: number | undefined, limit: number, signal: AbortSignal): Promise<CardPage> {
  return call(api.GET('/api/m/cards', { params: { query: { ...queryFrom(filter), after, limit } }, signal }))
}

/** Where one was in the list comes back with the browser's own back button. */
function remembered(): number[] {
  const state = history.state as { cursors?: unknown } | null
  return Array.isArray(state?.cursors) ? state.cursors.filter((n): n is number => typeof n === 'number') : []
}

/** The card list: pages by serial, newest first, `size` rows each. */
export function useCardList(filter: Ref<CardFilter>, size: Ref<number>) {
  const queries = useQueryClient()
  const cursors = shallowRef<number[]>(remembered())
  const after = computed(() => cursors.value.at(-1))
  const asked = computed(() => JSON.stringify([filter.value, size.value]))

  function walk(to: number[]): void {
    cursors.value = to
    history.replaceState({ ...(history.state as object | null), cursors: to }, '')
  }
  watch(
    () => JSON.stringify(filter.value),
    () => (cursors.value = remembered()),
  )
  watch(size, () => walk([]))

  const query = useQuery({
    queryKey: [keys.cards, 'list', filter, after, size],
    queryFn: ({ signal }) => ask(filter.value, after.value, size.value, signal),
    placeholderData: keepPreviousData,
  })
  const first = query.data
  const settled = computed(() => first.value !== undefined && !query.isPlaceholderData.value)

  const further = shallowRef<Further>(NONE)
  let running: AbortController | null = null

  /** Ask on from a serial; `until`: not beyond this one, and show nothing before it is reached. */
  async function search(from: number, found: Card[], until: number | null = null): Promise<void> {
    running?.abort()
    const control = new AbortController()
    running = control
    let now: Further = { state: 'searching', items: found, next: from, searchedTo: from, error: null }
    const room = () => size.value - (first.value?.items.length ?? 0) - now.items.length
    const quiet = until !== null
    if (!quiet) further.value = now
    try {
      while (now.next !== null && room() > 0 && (until === null || now.next > until)) {
        const page = await ask(filter.value, now.next, room(), control.signal)
        if (control.signal.aborted) return
        now = { ...now, items: [...now.items, ...page.items], next: page.next, searchedTo: page.searched_to ?? page.next }
        if (!quiet) further.value = now
      }
      further.value = { ...now, state: now.next !== null && room() > 0 ? 'stopped' : 'done' }
    } catch (error) {
      if (control.signal.aborted) return
      if (!quiet) further.value = { ...now, state: 'failed', error }
    } finally {
      if (running === control) running = null
    }
  }

  function begin(): void {
    running?.abort()
    further.value = NONE
    const page = first.value
    if (settled.value && page && page.searched_to !== null && page.next !== null && page.items.length < size.value) void search(page.next, [])
  }
  // Another place in the list begins anew; the same place refreshed (orders come in all the time) does not.
  watch([asked, after, settled], begin, { immediate: true })

  function stop(): void {
    running?.abort()
    if (further.value.state === 'searching') further.value = { ...further.value, state: 'stopped' }
  }
  function resume(): void {
    if (further.value.next !== null) void search(further.value.next, further.value.items)
  }
  onScopeDispose(() => running?.abort())

  /** Shown again as it is now, after something was done to cards. */
  async function refresh(): Promise<void> {
    await queries.invalidateQueries({ queryKey: [keys.cards] })
    const { state, next } = further.value
    const start = first.value?.next
    if (state === 'none') begin()
    else if (state !== 'searching' && start != null) await search(start, [], next ?? 0)
  }

  const items = computed(() => {
    const head = first.value?.items ?? []
    const known = new Set(head.map((card) => card.id))
    return [...head, ...further.value.items.filter((card) => !known.has(card.id))]
  })
  const following = computed(() => {
    const { state, next } = further.value
    if (state === 'done') return next
    return state === 'none' ? (first.value?.next ?? null) : null
  })

  return {
    query,
    items,
    settled,
    further,
    count: computed(() => first.value?.count ?? null),
    page: computed(() => cursors.value.length + 1),
    hasNext: computed(() => following.value !== null),
    next: () => settled.value && following.value !== null && walk([...cursors.value, following.value]),
    previous: () => walk(cursors.value.slice(0, -1)),
    stop,
    resume,
    refresh,
  }
}
