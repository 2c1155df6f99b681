import createClient from 'openapi-fetch'
import { Failure, failureOf, unreachable } from './failure'
import type { paths } from './schema'
import type {
  Aside, CaptchaView, CardView, Check, Correction, DaysView, OrderView, PublicOrderView, Redemption, SplitAddress, Storefront,
} from './types'

const PATIENCE_MS = 20_000

/** Who types for a caller. */
export interface Operator {
  name: string
  /** The shop that the operator is signed in to. */
  slug: string
}

export interface Api {
  storefront(): Promise<Storefront>
  check(body: Check): Promise<CardView>
  /** `key`: of the redemption; what is said aside has no part in it. */
  redeem(redemption: Redemption, key: string, aside: Aside): Promise<OrderView>
  days(productId: number, regionCode: string | null): Promise<DaysView>
  split(text: string): Promise<SplitAddress>
  captcha(): Promise<CaptchaView>
  /** By the token of an order's link. */
  order(token: string): Promise<PublicOrderView>
  correct(orderNumber: string, correction: Correction): Promise<OrderView>
  operator(): Promise<Operator>
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

/** `device`: this browser's random name, by which the server counts wrong tries. */
export function createApi(slug: string, device: string): Api {
  const client = createClient<paths>({ baseUrl: location.origin, cache: 'no-store', credentials: 'same-origin' })
  const path = { slug }
  const headers = { 'X-Tihuo-Device': device }
  return {
    storefront: () => answered((signal) => client.GET('/api/c/{slug}/storefront', { params: { path }, signal })),
    check: (body) =>
      answered((signal) => client.POST('/api/c/{slug}/cards/check', { params: { path }, headers, body, signal })),
    async redeem(redemption, key, aside) {
      const header = { 'Idempotency-Key': key }
      const body = { ...redemption, ...aside }
      const { order } = await answered((signal) =>
        client.POST('/api/c/{slug}/redemptions', { params: { path, header }, headers, body, signal }),
      )
      return order
    },
    days(productId, regionCode) {
      const query = { product_id: productId, ...(regionCode ? { region_code: regionCode } : {}) }
      return answered((signal) => client.GET('/api/c/{slug}/days', { params: { path, query }, signal }))
    },
    split: (text) =>
      answered((signal) => client.POST('/api/c/{slug}/addresses/split', { params: { path }, body: { text }, signal })),
    captcha: () => answered((signal) => client.POST('/api/c/{slug}/captchas', { params: { path }, signal })),
    order: (token) =>
      answered((signal) => client.GET('/api/c/{slug}/orders/{token}', { params: { path: { slug, token } }, signal })),
    correct: (orderNumber, body) =>
      answered((signal) =>
        client.POST('/api/c/{slug}/orders/{order_number}/changes', {
          params: { path: { slug, order_number: orderNumber } }, headers, body, signal,
        }),
      ),
    operator: () =>
      answered(async (signal) => {
        // The staff's API has a document of its own; of it, only this is needed here.
        const response = await fetch('/api/m/session', { cache: 'no-store', credentials: 'same-origin', signal })
        const body = (await response.json()) as { staff: { name: string }; merchant: { slug: string } }
        if (!response.ok) return { error: body, response }
        return { data: { name: body.staff.name, slug: body.merchant.slug }, response }
      }),
  }
}
