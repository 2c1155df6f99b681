import { api, call } from '@/api/client'
import { keys } from '@/api/queries'
import { useQuery } from '@tanstack/vue-query'

/** All of the merchant's, oldest first, those that are closed too. */
export function useDistributors() {
  return useQuery({
    queryKey: [keys.distributors, 'choose'],
    queryFn: async ({ signal }) => (await call(api.GET('/api/m/distributors', { signal }))).items,
  })
}
