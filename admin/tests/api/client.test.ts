import { api, call, send, whenSignedOut } from '@/api/client'
import { ApiError } from '@/api/errors'
import { afterEach, describe, expect, it, vi } from 'vitest'

function answer(status: number, body: unknown, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response(status === 204 ? null : text, { status, headers: { 'Content-Type': type } })))
}

const refusal = (code: string, message: string) => ({ error: { code, message, data: {}, request_id: 'r' } })

describe('call', () => {
  afterEach(() => whenSignedOut(() => undefined))

  it('gives the data', async () => {
    answer(200, { url: 'http://x', open: true, name: '果园' })
    await expect(call(api.GET('/api/m/storefront'))).resolves.toMatchObject({ name: '果园' })
  })

  it("throws the server's refusal", async () => {
    answer(409, refusal('product_name_taken', '已经有同名的商品'))
    await expect(call(api.GET('/api/m/storefront'))).rejects.toMatchObject({ status: 409, code: 'product_name_taken', message: '已经有同名的商品' })
  })

  it('turns a lost connection into our own words', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(call(api.GET('/api/m/home'))).rejects.toMatchObject({ status: 0, message: '网络不通，请检查网络后重试' })
  })

  it('tells the session about 401 only', async () => {
    const out = vi.fn()
    whenSignedOut(out)
    answer(403, refusal('permission_missing', '没有权限'))
    await expect(call(api.GET('/api/m/home'))).rejects.toBeInstanceOf(ApiError)
    expect(out).not.toHaveBeenCalled()
    answer(401, refusal('not_signed_in', '请登录'))
    await expect(call(api.GET('/api/m/home'))).rejects.toBeInstanceOf(ApiError)
    await expect(send('/api/m/pictures', { method: 'POST' })).rejects.toMatchObject({ code: 'not_signed_in' })
    expect(out).toHaveBeenCalledTimes(2)
  })

  it("survives a proxy's page", async () => {
    answer(502, '<html>', 'text/html')
    await expect(call(api.GET('/api/m/home'))).rejects.toMatchObject({ status: 502, message: '服务器正在重启，请稍后重试' })
  })
})
