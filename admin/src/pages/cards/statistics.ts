import { api, call } from '@/api/client'
import type { CardFilter } from '@/api/types'
import { useQuery } from '@tanstack/vue-query'
import { onScopeDispose, watch, type Ref } from 'vue'
import { queryFrom } from './filter'

const AT_MOST_EVERY = 5_000
const SHARE = 20

/**
 * Exact figures of what the filter finds. They may take the server seconds, so they are asked after the list, and
 * when the list is refreshed again and again no oftener than one twentieth of the time goes into them.
 */
export function useCardStatistics(filter: Ref<CardFilter>, listed: Ref<boolean>, listUpdatedAt: Ref<number>) {
  let took = 0
  let waiting: ReturnType<typeof setTimeout> | undefined
  const query = useQuery({
    queryKey: ['card-statistics', filter],
    queryFn: async ({ signal }) => {
      const began = performance.now()
      const found = await call(api.GET('/api/m/cards/statistics', { params: { query: queryFrom(filter.value) }, signal }))
      took = performance.now() - began
      return found
    },
    enabled: listed,
    staleTime: 0,
    refetchOnWindowFocus: false,
  })

  function refetch(): void {
    clearTimeout(waiting)
    waiting = undefined
    if (listed.value && !query.isFetching.value) void query.refetch()
  }
  watch(listUpdatedAt, () => {
    if (query.data.value === undefined || waiting !== undefined) return
    const due = query.dataUpdatedAt.value + Math.max(AT_MOST_EVERY, SHARE * took)
    waiting = setTimeout(refetch, Math.max(0, due - Date.now()))
  })
  onScopeDispose(() => clearTimeout(waiting))

  return { data: query.data, error: query.error, refetch }
}
