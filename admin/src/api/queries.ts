import { QueryClient } from '@tanstack/vue-query'
import { asApiError } from './errors'

/** First word of every query key; live events name these to say what may have changed. */
export const keys = {
  home: 'home',
  storefront: 'storefront',
  settings: 'settings',
  products: 'products',
  batches: 'batches',
  cards: 'cards',
  savedFilters: 'saved-filters',
  distributors: 'distributors',
  jobs: 'jobs',
  orders: 'orders',
  couriers: 'couriers',
  staff: 'staff',
  guessing: 'guessing',
} as const

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // Only a lost connection is worth asking again; a refusal stays a refusal.
        retry: (count, error) => asApiError(error).uncertain && count < 2,
        retryDelay: (count) => 600 * 2 ** count,
      },
    },
  })
}
