import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApi } from '../../src/api/client'
import type { Redemption } from '../../src/api/types'
import { card, december, order, receiver } from '../fixtures'

const DEVICE = 'A'.repeat(22)
const redemption: Redemption = {
  number: 'A1', password: '1', product_id: 1, receiver, remark: '', ship_on: '2026-12-03', source: 'h5',
}
const aside = { uses_left_seen: 2, captcha: { id: 'c1', answer: 'ab12' } }
const fetched = vi.fn<(request: Request) => Promise<Response>>()

function json(status: number, content: unknown) {
  return new Response(JSON.stringify(content), { status, headers: { 'Content-Type': 'application/json' } })
}

beforeEach(() => { vi.stubGlobal('fetch', fetched.mockReset()) })
afterEach(() => { vi.unstubAllGlobals() })

describe('the client', () => {
  it('asks for a card in the body, never in the address', async () => {
    fetched.mockResolvedValue(json(200, card()))
    await createApi('demo', DEVICE).check({ number: 'A1', password: 'secret', source: 'h5', captcha: null })
    const request = fetched.mock.calls[0]?.[0]
    expect(request?.url).toBe('https://shop.test/api/c/demo/cards/check')
    expect(await request?.json()).toEqual({ number: 'A1', password: 'secret', source: 'h5', captcha: null })
  })

  it('sends the key with a redemption and gives the order', async () => {
    fetched.mockResolvedValue(json(201, { order: order() }))
    expect((await createApi('demo', DEVICE).redeem(redemption, 'key-12345', aside)).number).toBe('TH1')
    const request = fetched.mock.calls[0]?.[0]
    expect(request?.headers.get('Idempotency-Key')).toBe('key-12345')
    expect(request?.headers.get('X-Tihuo-Device')).toBe(DEVICE)
    expect(await request?.json()).toEqual({ ...redemption, ...aside })
  })

  it('asks for the days of a product, with the region where it is known', async () => {
    fetched.mockImplementation(() => Promise.resolve(json(200, december())))
    await createApi('demo', DEVICE).days(1, '330106')
    await createApi('demo', DEVICE).days(1, null)
    expect(fetched.mock.calls.map(([request]) => new URL(request.url).search)).toEqual([
      '?product_id=1&region_code=330106', '?product_id=1',
    ])
  })

  it('knows who is signed in, and who is not', async () => {
    fetched.mockResolvedValueOnce(json(200, { staff: { name: '小李' }, merchant: { slug: 'demo' } }))
    expect(await createApi('demo', DEVICE).operator()).toEqual({ name: '小李', slug: 'demo' })
    fetched.mockResolvedValueOnce(json(401, { error: { code: 'not_signed_in', message: '请先登录', data: {} } }))
    await expect(createApi('demo', DEVICE).operator()).rejects.toMatchObject({ code: 'not_signed_in' })
  })

  it('calls a broken connection unsettled', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(createApi('demo', DEVICE).storefront()).rejects.toMatchObject({ code: 'unreachable', settled: false })
  })

  it('calls a cut-off success unsettled too', async () => {
    fetched.mockResolvedValue(new Response('{"order":', { status: 201 }))
    await expect(createApi('demo', DEVICE).redeem(redemption, 'key-12345', aside)).rejects.toMatchObject({ settled: false })
  })

  it('maps a refusal', async () => {
    fetched.mockResolvedValue(json(403, { error: { code: 'card_or_password_wrong', message: '不对', data: {}, request_id: '' } }))
    await expect(createApi('demo', DEVICE).check({ number: '1', password: '1', source: 'h5', captcha: null })).rejects.toMatchObject({
      code: 'card_or_password_wrong', message: '不对', settled: true,
    })
  })

  it('gives up waiting', async () => {
    vi.useFakeTimers()
    fetched.mockImplementation((request) => new Promise((_resolve, reject) => {
      request.signal.addEventListener('abort', () => { reject(new DOMException('', 'AbortError')) })
    }))
    const waiting = expect(createApi('demo', DEVICE).storefront()).rejects.toMatchObject({ code: 'unreachable' })
    await vi.advanceTimersByTimeAsync(20_000)
    await waiting
    vi.useRealTimers()
  })
})
