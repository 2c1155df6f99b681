import { api, call } from '@/api/client'
import { keys } from '@/api/queries'
import type { CardFilter } from '@/api/types'
import { useDistributors } from '@/pages/distributors/useDistributors'
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import type { Names } from './filter'

export interface Choice {
  value: string
  label: string
}

const MOST_PAGES = 10

/** All of a list that the server pages by key, up to 2,000. */
async function whole<T>(fetchPage: (after: number | undefined) => Promise<{ items: T[]; next: number | null }>): Promise<T[]> {
  const all: T[] = []
  let after: number | undefined
  for (let n = 0; n < MOST_PAGES; n++) {
    const page = await fetchPage(after)
    all.push(...page.items)
    if (page.next === null) break
    after = page.next
  }
  return all
}

/** What batches, distributors and products there are to choose from, and what those in the filter are called. */
export function useChoices(filter: Ref<CardFilter>) {
  const batches = useQuery({
    queryKey: [keys.batches, 'choose'],
    queryFn: ({ signal }) => whole((after) => call(api.GET('/api/m/batches', { params: { query: { after, limit: 200 } }, signal }))),
  })
  const products = useQuery({
    queryKey: [keys.products, 'all'],
    queryFn: ({ signal }) => whole((after) => call(api.GET('/api/m/products', { params: { query: { after, limit: 200 } }, signal }))),
  })
  const distributors = useDistributors()

  // A link may name a batch older than those.
  const missing = computed(() => {
    const id = filter.value.batch_id ?? null
    return id !== null && batches.data.value && !batches.data.value.some((batch) => batch.id === id) ? id : null
  })
  const old = useQuery({
    queryKey: [keys.batches, 'one', missing],
    queryFn: ({ signal }) => call(api.GET('/api/m/batches/{batch_id}', { params: { path: { batch_id: missing.value ?? 0 } }, signal })),
    enabled: computed(() => missing.value !== null),
  })
  const known = computed(() => [...(batches.data.value ?? []), ...(missing.value !== null && old.data.value ? [old.data.value] : [])])

  const names: Names = {
    batch: (id) => known.value.find((batch) => batch.id === id)?.code ?? `#${id}`,
    distributor: (id) => distributors.data.value?.find((one) => one.id === id)?.name ?? `#${id}`,
    product: (id) => products.data.value?.find((one) => one.id === id)?.name ?? `#${id}`,
  }

  return {
    names,
    batches: computed(() => known.value.filter((batch) => batch.status === 'ready').map((batch): Choice => ({ value: String(batch.id), label: batch.name ? `${batch.code} ${batch.name}` : batch.code }))),
    products: computed(() => (products.data.value ?? []).map((one): Choice => ({ value: String(one.id), label: one.name }))),
    distributors: computed(() => (distributors.data.value ?? []).map((one): Choice => ({ value: String(one.id), label: one.closed ? `${one.name}（已停用）` : one.name }))),
  }
}
