import createClient from 'openapi-fetch'
import { Failure, failureOf, unreachable } from './failure'
import type { paths } from './schema'
import type { CardView, Credentials, OrderView, Redemption, Storefront } from './types'

const PATIENCE_MS = 20_000

export interface Api {
  storefront(): Promise<Storefront>
  check(credentials: Credentials): Promise<CardView>
  redeem(redemption: Redemption, key: string): Promise<OrderView>
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

async function answered<T>(call: (signal: AbortSignal) => Promise<Answer<T>>): Promise<T> {
  const abort = new AbortController()
  const timer = setTimeout(() => { abort.abort() }, PATIENCE_MS)
  try {
    const { data, error, response } = await call(abort.signal)
    if (response.ok && data !== undefined) return data
    throw failureOf(response, error)
  } catch (reason) {
    // Whatever fetch or a cut-off body throws, the answer did not arrive.
    throw reason instanceof Failure ? reason : unreachable()
  } finally {
    clearTimeout(timer)
  }
}

export function createApi(slug: string): Api {
  const client = createClient<paths>({ baseUrl: location.origin, cache: 'no-store', credentials: 'same-origin' })
  const path = { slug }
  return {
    storefront: () => answered((signal) => client.GET('/api/c/{slug}/storefront', { params: { path }, signal })),
    check: (body) => answered((signal) => client.POST('/api/c/{slug}/cards/check', { params: { path }, body, signal })),
    async redeem(body, key) {
      const header = { 'Idempotency-Key': key }
      const { order } = await answered((signal) =>
        client.POST('/api/c/{slug}/redemptions', { params: { path, header }, body, signal }),
      )
      return order
    },
  }
}
