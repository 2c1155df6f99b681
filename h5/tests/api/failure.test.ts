import { describe, expect, it } from 'vitest'
import { failureOf } from '../../src/api/failure'

function answer(status: number, headers: Record<string, string> = {}) {
  return new Response(null, { status, headers })
}

function body(code: string, message: string, data: Record<string, unknown> = {}) {
  return { error: { code, message, data, request_id: 'r1' } }
}

describe('failureOf', () => {
  it("takes the server's words", () => {
    const failure = failureOf(answer(409), body('card_expired', '这张卡过期了'))
    expect(failure).toMatchObject({ message: '这张卡过期了', code: 'card_expired', settled: true, retryAfter: 0 })
  })

  it('takes field errors and drops what is not one', () => {
    const fields = [{ field: 'receiver.mobile', code: 'x', message: '手机号：不对' }, { field: 1 }, null]
    expect(failureOf(answer(422), body('invalid_request', '有误', { fields })).fields).toEqual([
      { field: 'receiver.mobile', message: '手机号：不对' },
    ])
  })

  it.each([
    [body('too_many_tries', '等等', { retry_after: 12.2 }), {}, 13],
    [body('too_many_tries', '等等'), { 'Retry-After': '30' }, 30],
    ['<html>', {}, 60],
  ])('finds how long to wait', (content, headers, seconds) => {
    expect(failureOf(answer(429, headers), content)).toMatchObject({ retryAfter: seconds, settled: false })
  })

  it.each(['captcha_needed', 'captcha_wrong', 'address_blocked', 'not_signed_in'])('does not call %s an answer', (code) => {
    expect(failureOf(answer(403), body(code, '请稍候')).settled).toBe(false)
  })

  it('keeps what a refusal brings along', () => {
    expect(failureOf(answer(409), body('day_full', '约满', { nearest: '2026-12-03' })).data).toEqual({ nearest: '2026-12-03' })
  })

  it.each([500, 502, 503, 408])('does not call %i an answer', (status) => {
    expect(failureOf(answer(status), '<html>')).toMatchObject({ settled: false, message: expect.stringContaining('请稍后再试') })
  })
})
