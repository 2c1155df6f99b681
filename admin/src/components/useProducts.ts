import { api, call } from '@/api/client'
import { keys } from '@/api/queries'
import type { Product } from '@/api/types'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'

/** So many are looked through for a list to choose from. */
const MOST_PAGES = 5

/** All products, also those off the shelf, for a list to choose from. */
export function useProducts() {
  const query = useQuery({
    queryKey: [keys.products, 'all-names'],
    queryFn: async ({ signal }) => {
      const all: Product[] = []
      let after: number | null = null
      for (let n = 0; n < MOST_PAGES; n += 1) {
        const page: { items: Product[]; next: number | null } = await call(api.GET('/api/m/products', { params: { query: { limit: 200, ...(after === null ? {} : { after }) } }, signal }))
        all.push(...page.items)
        if (page.next === null) break
        after = page.next
      }
      return all
    },
    staleTime: 60_000,
  })
  const options = computed(() => (query.data.value ?? []).map((product) => ({ value: product.id, label: product.on_shelf ? product.name : `${product.name}（已下架）` })))
  const nameOf = (id: number) => query.data.value?.find((product) => product.id === id)?.name ?? `商品 ${id}`
  return { query, options, nameOf }
}
