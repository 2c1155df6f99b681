import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'

interface Page {
  next: number | null
}

/** A list that the server pages by key: one cursor per page walked through, kept so that one can walk back. */
export function useKeyList<F extends object, P extends Page>(
  name: string,
  filter: Ref<F> | ComputedRef<F>,
  fetchPage: (filter: F, after: number | undefined, signal: AbortSignal) => Promise<P>,
) {
  const cursors = shallowRef<number[]>([])
  watch(
    () => JSON.stringify(filter.value),
    () => (cursors.value = []),
  )
  const after = computed(() => cursors.value.at(-1))
  const query = useQuery({
    queryKey: [name, 'list', filter, after],
    queryFn: ({ signal }) => fetchPage(filter.value, after.value, signal),
    placeholderData: keepPreviousData,
  })
  const page = computed(() => cursors.value.length + 1)
  const hasNext = computed(() => Boolean(query.data.value?.next))

  function next(): void {
    const cursor = query.data.value?.next
    if (cursor != null && !query.isPlaceholderData.value) cursors.value = [...cursors.value, cursor]
  }
  function previous(): void {
    cursors.value = cursors.value.slice(0, -1)
  }

  return { query, data: query.data, page, hasNext, next, previous }
}
