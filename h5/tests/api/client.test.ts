import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApi } from '../../src/api/client'
import { card, order, receiver } from '../fixtures'

const fetched = vi.fn<(request: Request) => Promise<Response>>()

function json(status: number, content: unknown) {
  return new Response(JSON.stringify(content), { status, headers: { 'Content-Type': 'application/json' } })
}

beforeEach(() => { vi.stubGlobal('fetch', fetched.mockReset()) })
afterEach(() => { vi.unstubAllGlobals() })

describe('the client', () => {
  it('asks for a card in the body, never in the address', async () => {
    fetched.mockResolvedValue(json(200, card()))
    await createApi('demo').check({ number: 'A1', password: 'secret' })
    const request = fetched.mock.calls[0]?.[0]
    expect(request?.url).toBe('https://shop.test/api/c/demo/cards/check')
    expect(await request?.json()).toEqual({ number: 'A1', password: 'secret' })
  })

  it('sends the key with a redemption and gives the order', async () => {
    fetched.mockResolvedValue(json(201, { order: order() }))
    const body = { number: 'A1', password: '1', product_id: 1, receiver, remark: '', source: 'h5' } as const
    expect((await createApi('demo').redeem(body, 'key-12345')).number).toBe('TH1')
    expect(fetched.mock.calls[0]?.[0].headers.get('Idempotency-Key')).toBe('key-12345')
  })

  it('calls a broken connection unsettled', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(createApi('demo').storefront()).rejects.toMatchObject({ code: 'unreachable', settled: false })
  })

  it('calls a cut-off success unsettled too', async () => {
    fetched.mockResolvedValue(new Response('{"order":', { status: 201 }))
    const body = { number: 'A1', password: '1', product_id: 1, receiver, remark: '', source: 'h5' } as const
    await expect(createApi('demo').redeem(body, 'key-12345')).rejects.toMatchObject({ settled: false })
  })

  it('maps a refusal', async () => {
    fetched.mockResolvedValue(json(403, { error: { code: 'card_or_password_wrong', message: '不对', data: {}, request_id: '' } }))
    await expect(createApi('demo').check({ number: '1', password: '1' })).rejects.toMatchObject({
      code: 'card_or_password_wrong', message: '不对', settled: true,
    })
  })

  it('gives up waiting', async () => {
    vi.useFakeTimers()
    fetched.mockImplementation((request) => new Promise((_resolve, reject) => {
      request.signal.addEventListener('abort', () => { reject(new DOMException('', 'AbortError')) })
    }))
    const waiting = expect(createApi('demo').storefront()).rejects.toMatchObject({ code: 'unreachable' })
    await vi.advanceTimersByTimeAsync(20_000)
    await waiting
    vi.useRealTimers()
  })
})
