import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { Failure, unreachable } from '../../src/api/failure'
import { createRedeem } from '../../src/redeem/state'
import { card, december, fakeApi, noDays, offered, order, receiver, sixTimes } from '../fixtures'

let api = fakeApi()
const door = (code: Failure['code'], message = '请输入验证码') => new Failure(message, code, false)
const refusal = (code: Failure['code'], message = '不行', data = {}) => new Failure(message, code, true, [], 0, data)
const keys = () => api.redeem.mock.calls.map(([, key]) => key)

function visit(mode: 'own' | 'phone' = 'own') {
  return createRedeem({ slug: 'demo', linkNumber: '', api, storage: sessionStorage, lasting: () => localStorage, mode })
}

async function filled(mode: 'own' | 'phone' = 'own') {
  const redeem = visit(mode)
  Object.assign(redeem.draft, { number: 'A58800000001', password: '123', receiver: { ...receiver } })
  await redeem.check()
  redeem.choose(1)
  return redeem
}

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
  api = fakeApi()
})
afterEach(() => { vi.useRealTimers() })

describe('a captcha', () => {
  it('is fetched when it is wanted, sent along, and gone when it passed', async () => {
    api.check.mockRejectedValueOnce(door('captcha_needed'))
    const redeem = visit()
    Object.assign(redeem.draft, { number: 'A1', password: '1' })
    expect(await redeem.check()).toBe(false)
    expect(redeem.captcha.wanted.value).toBe(true)
    expect(redeem.fieldErrors.value.captcha).toBe('请输入验证码')
    expect(redeem.failure.value).toBeNull()
    expect(redeem.draft).toMatchObject({ number: 'A1', password: '1' })
    redeem.captcha.answer.value = ' ab12 '
    await nextTick()
    expect(redeem.fieldErrors.value.captcha).toBe('')
    expect(await redeem.check()).toBe(true)
    expect(api.check).toHaveBeenLastCalledWith({
      number: 'A1', password: '1', source: 'h5', captcha: { id: 'c1', answer: 'ab12' },
    })
    expect(redeem.captcha.wanted.value).toBe(false)
  })

  it('is asked for before anything is sent', async () => {
    api.check.mockRejectedValueOnce(door('captcha_needed'))
    const redeem = visit()
    Object.assign(redeem.draft, { number: 'A1', password: '1' })
    await redeem.check()
    expect(await redeem.check()).toBe(false)
    expect(redeem.fieldErrors.value.captcha).toBe('请输入图中的字符')
    expect(api.check).toHaveBeenCalledTimes(1)
  })

  it('is another each time, whatever came of it', async () => {
    api.check.mockRejectedValueOnce(door('captcha_needed'))
    const redeem = visit()
    Object.assign(redeem.draft, { number: 'A1', password: '1' })
    await redeem.check()
    for (const failure of [door('captcha_wrong', '验证码不对'), refusal('card_or_password_wrong'), unreachable()]) {
      const before = api.captcha.mock.calls.length
      api.check.mockRejectedValueOnce(failure)
      redeem.captcha.answer.value = 'x'
      await redeem.check()
      expect(api.captcha).toHaveBeenCalledTimes(before + 1)
      expect(redeem.captcha.answer.value).toBe('')
    }
  })

  it('says when there is no picture, and can be asked for again', async () => {
    api.check.mockRejectedValueOnce(door('captcha_needed'))
    api.captcha.mockRejectedValueOnce(unreachable())
    const redeem = visit()
    Object.assign(redeem.draft, { number: 'A1', password: '1' })
    await redeem.check()
    expect(redeem.captcha.problem.value).toContain('网络不通')
    await redeem.captcha.refresh()
    expect(redeem.captcha.picture.value?.id).toBe('c1')
    expect(redeem.captcha.problem.value).toBe('')
  })

  it('has no part in what the key is for', async () => {
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(unreachable()).mockRejectedValueOnce(door('captcha_needed'))
    await redeem.submit()
    await redeem.submit()
    redeem.captcha.answer.value = 'ab12'
    expect(await redeem.submit()).toBe('placed')
    expect(new Set(keys()).size).toBe(1)
    expect(api.redeem.mock.calls[2]?.[2]).toEqual({ uses_left_seen: 1, captcha: { id: 'c1', answer: 'ab12' } })
  })

  it('does not loop where the card is looked at first', async () => {
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(unreachable())
    await redeem.submit()
    redeem.draft.remark = '放门口'
    api.check.mockRejectedValueOnce(door('captcha_needed'))
    expect(await redeem.submit()).toBe('failed')
    redeem.captcha.answer.value = 'ab12'
    api.redeem.mockRejectedValueOnce(door('captcha_needed'))
    expect(await redeem.submit()).toBe('failed')
    const checks = api.check.mock.calls.length
    redeem.captcha.answer.value = 'cd34'
    expect(await redeem.submit()).toBe('placed')
    // Only the one after the order.
    expect(api.check).toHaveBeenCalledTimes(checks + 1)
    expect(keys()[1]).toBe(keys()[2])
  })
})

describe('what is refused at the door', () => {
  it.each(['captcha_needed', 'address_blocked', 'not_signed_in'] as const)('keeps the key after %s', async (code) => {
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(unreachable()).mockRejectedValueOnce(door(code))
    await redeem.submit()
    await redeem.submit()
    expect(redeem.draft.intent?.key).toBe(keys()[0])
  })
})

describe('a card that was used meanwhile', () => {
  it('says how many uses were seen, and leads to the orders', async () => {
    api.check.mockResolvedValue(sixTimes(2))
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(refusal('card_used_meanwhile', '刚刚又提了一次货'))
    api.check.mockResolvedValue(sixTimes(3))
    expect(await redeem.submit()).toBe('refused')
    expect(api.redeem.mock.calls[0]?.[2]).toMatchObject({ uses_left_seen: 4 })
    expect(redeem.notice.value).toBe('刚刚又提了一次货')
    expect(redeem.draft).toMatchObject({ productId: null, intent: null })
    expect(redeem.card.value?.orders).toHaveLength(3)
  })

  it('is looked at before anything is sent again', async () => {
    api.check.mockResolvedValue(sixTimes(2))
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(refusal('card_used_meanwhile'))
    api.check.mockRejectedValueOnce(unreachable())
    expect(await redeem.submit()).toBe('failed')
    api.check.mockResolvedValue(sixTimes(3))
    expect(await redeem.submit()).toBe('refused')
    expect(api.redeem).toHaveBeenCalledTimes(1)
    expect(redeem.card.value?.uses_left).toBe(3)
  })
})

describe('the day to ship on', () => {
  it('goes with the redemption, and is part of what the key is for', async () => {
    const redeem = await filled()
    redeem.draft.shipOn = '2026-12-03'
    api.redeem.mockRejectedValueOnce(unreachable())
    await redeem.submit()
    redeem.draft.shipOn = '2026-12-04'
    await redeem.submit()
    expect(api.redeem.mock.calls.map(([body]) => body.ship_on)).toEqual(['2026-12-03', '2026-12-04'])
    expect(new Set(keys()).size).toBe(2)
  })

  it.each(['day_full', 'day_not_open', 'day_missing'] as const)('goes back to the form after %s with all that was typed', async (code) => {
    const redeem = await filled()
    Object.assign(redeem.draft, { shipOn: '2026-12-02', remark: '放门口' })
    const days = december()
    api.redeem.mockRejectedValueOnce(refusal(code, '12月2日已约满', { days, nearest: days.nearest }))
    expect(await redeem.submit()).toBe('fields')
    expect(redeem.fieldErrors.value.ship_on).toBe('12月2日已约满')
    expect(redeem.failure.value).toBeNull()
    expect(redeem.days.value).toEqual(days)
    expect(redeem.draft).toMatchObject({ shipOn: '2026-12-02', remark: '放门口', receiver, productId: 1, intent: null })
    redeem.draft.shipOn = '2026-12-03'
    await nextTick()
    expect(redeem.fieldErrors.value.ship_on).toBe('')
    expect(redeem.checkForm()).toBe(true)
  })

  it('is asked for in the form where the shop wants one', async () => {
    api.days.mockResolvedValue(december())
    const redeem = await filled()
    await redeem.loadDays()
    expect(api.days).toHaveBeenCalledWith(1, '330106')
    expect(redeem.checkForm()).toBe(false)
    expect(redeem.fieldErrors.value.ship_on).toBe('请选择预约发货日期')
  })

  it('stays chosen, with a sentence, when it can not be had any more', async () => {
    api.days.mockResolvedValue(december())
    const redeem = await filled()
    redeem.draft.shipOn = '2026-12-03'
    await redeem.loadDays()
    expect(redeem.dayNotice.value).toBe('')
    api.days.mockResolvedValue(december({ nearest: '2026-12-04', days: [offered('2026-12-03', { open: false, reason: 'too_early' })] }))
    await redeem.loadDays()
    expect(redeem.draft.shipOn).toBe('2026-12-03')
    expect(redeem.dayNotice.value).toContain('12月3日')
    expect(redeem.checkForm()).toBe(false)
  })

  it('is dropped where the shop takes no days any more', async () => {
    api.days.mockResolvedValue(noDays)
    const redeem = await filled()
    redeem.draft.shipOn = '2026-12-03'
    await redeem.loadDays()
    expect(redeem.draft.shipOn).toBeNull()
  })

  it('goes by the question that was asked last', async () => {
    const redeem = await filled()
    let slow: (view: typeof noDays) => void = () => undefined
    api.days.mockImplementationOnce(() => new Promise((resolve) => { slow = resolve }))
    const first = redeem.loadDays()
    api.days.mockResolvedValueOnce(december())
    await redeem.loadDays()
    slow(noDays)
    await first
    expect(redeem.days.value?.mode).toBe('window')
    expect(redeem.daysBusy.value).toBe(false)
  })
})

describe('where nothing is sent', () => {
  it('is said as soon as the region is picked, and stops the form', async () => {
    api.check.mockResolvedValue(card({
      products: card().products.map((one) => ({ ...one, undeliverable: [{ code: '330000', name: '浙江省' }] })),
    }))
    const redeem = await filled()
    expect(redeem.areaNotice.value).toContain('浙江省暂不发货')
    expect(redeem.checkForm()).toBe(false)
    expect(redeem.fieldErrors.value['receiver.province']).toContain('浙江省暂不发货')
  })

  it("comes to the region's control when only the server knows", async () => {
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(refusal('undeliverable_area', '抱歉，浙江省暂不发货'))
    expect(await redeem.submit()).toBe('fields')
    expect(redeem.fieldErrors.value).toEqual({ 'receiver.province': '抱歉，浙江省暂不发货' })
  })
})

describe('coming back another day with the same card', () => {
  it('finds the receiver, the remark, the day and the product, but no password', async () => {
    const first = await filled()
    Object.assign(first.draft, { remark: '放门口', shipOn: '2026-12-03' })
    sessionStorage.clear()
    const redeem = visit()
    expect(redeem.draft).toMatchObject({ number: '', password: '', receiver: { name: '' } })
    expect(redeem.remembers.value).toBe(true)
    Object.assign(redeem.draft, { number: 'a588-0000 0001', password: '123' })
    await redeem.check()
    expect(redeem.draft).toMatchObject({ receiver, remark: '放门口', shipOn: '2026-12-03', productId: 1 })
    expect(redeem.restored.value).toBe(true)
    expect(JSON.stringify({ ...localStorage })).not.toContain('123"')
  })

  it('shows nothing of it to whoever does not know the password', async () => {
    await filled()
    sessionStorage.clear()
    api.check.mockRejectedValue(refusal('card_or_password_wrong'))
    const redeem = visit()
    Object.assign(redeem.draft, { number: 'A58800000001', password: 'x' })
    await redeem.check()
    expect(redeem.draft.receiver.name).toBe('')
  })

  it('leaves what is typed already', async () => {
    await filled()
    sessionStorage.clear()
    const redeem = visit()
    Object.assign(redeem.draft, { number: 'A58800000001', password: '123', receiver: { ...receiver, name: '王五' } })
    await redeem.check()
    expect(redeem.draft.receiver.name).toBe('王五')
  })

  it('is over once there is an order', async () => {
    const redeem = await filled()
    redeem.draft.remark = '放门口'
    api.check.mockResolvedValue(card({ state: 'redeemed', uses_left: 0, orders: [order()] }))
    await redeem.submit()
    expect(redeem.remembers.value).toBe(false)
    expect(localStorage.getItem('tihuo:demo:kept:1')).toBeNull()
  })

  it('can be cleared', async () => {
    const redeem = await filled()
    redeem.forget()
    expect(redeem.draft).toMatchObject({ receiver: { name: '', region_code: null }, remark: '', shipOn: null, number: 'A58800000001' })
    expect(localStorage.getItem('tihuo:demo:kept:1')).toBeNull()
    expect(redeem.remembers.value).toBe(false)
  })
})

describe('a wait', () => {
  it('gets a word after three seconds, until it is over', async () => {
    const redeem = await filled()
    vi.useFakeTimers()
    let answer: (value: ReturnType<typeof order>) => void = () => undefined
    api.redeem.mockImplementationOnce(() => new Promise((resolve) => { answer = resolve }))
    const submitted = redeem.submit()
    await vi.advanceTimersByTimeAsync(2900)
    expect(redeem.slow.value).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    expect(redeem.slow.value).toBe(true)
    expect(await redeem.submit()).toBe('failed')
    expect(api.redeem).toHaveBeenCalledTimes(1)
    answer(order())
    expect(await submitted).toBe('placed')
    expect(redeem.slow.value).toBe(false)
  })
})

describe('an operator on the phone', () => {
  it('says so with every request, and keeps nothing for another day', async () => {
    const redeem = await filled('phone')
    redeem.draft.remark = '快'
    expect(api.check.mock.calls[0]?.[0]).toMatchObject({ source: 'phone' })
    await redeem.submit()
    expect(api.redeem.mock.calls[0]?.[0]).toMatchObject({ source: 'phone' })
    expect(localStorage.length).toBe(0)
    expect(Object.keys(sessionStorage)).toEqual(['tihuo:demo:phone:1'])
  })

  it('has a draft of its own', async () => {
    const own = visit()
    own.draft.number = 'A1'
    expect(visit('phone').draft.number).toBe('')
    expect(visit().draft.number).toBe('A1')
  })

  it('is asked to sign in again, with all that was typed', async () => {
    const redeem = await filled('phone')
    await redeem.loadOperator()
    expect(redeem.operator.value?.name).toBe('小李')
    api.redeem.mockRejectedValueOnce(door('not_signed_in', '登录已失效'))
    expect(await redeem.submit()).toBe('failed')
    expect(redeem.operatorFailure.value?.code).toBe('not_signed_in')
    expect(redeem.draft).toMatchObject({ receiver, productId: 1 })
  })

  it('leaves nothing of a caller for the next', async () => {
    const redeem = await filled('phone')
    await redeem.submit()
    redeem.nextCaller()
    expect(redeem.draft).toMatchObject({ number: '', password: '', receiver: { name: '', mobile: '' }, order: null, intent: null })
    expect(redeem.card.value).toBeNull()
    expect(sessionStorage.getItem('tihuo:demo:phone:1')).not.toContain('张小明')
  })
})
