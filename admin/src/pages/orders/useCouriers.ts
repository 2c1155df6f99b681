import { api, call } from '@/api/client'
import { keys } from '@/api/queries'
import { useQuery } from '@tanstack/vue-query'

const LAST = 'tihuo:courier'

export function useCouriers() {
  return useQuery({
    queryKey: [keys.couriers],
    queryFn: ({ signal }) => call(api.GET('/api/m/couriers', { signal })),
    staleTime: 10 * 60_000,
  })
}

/** Most shops send nearly everything with one courier: the last one used is offered first. */
export function lastCourier(): string {
  return localStorage.getItem(LAST) ?? ''
}

export function rememberCourier(code: string): void {
  localStorage.setItem(LAST, code)
}
