import { api, call } from '@/api/client'
import { keys } from '@/api/queries'
import { useQuery } from '@tanstack/vue-query'

export function useHome() {
  return useQuery({
    queryKey: [keys.home],
    queryFn: ({ signal }) => call(api.GET('/api/m/home', { signal })),
  })
}
