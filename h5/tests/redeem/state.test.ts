import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { Failure, unreachable } from '../../src/api/failure'
import { createRedeem } from '../../src/redeem/state'
import { card, fakeApi, order, receiver } from '../fixtures'

let api = fakeApi()

function visit(linkNumber = '') {
  return createRedeem({ slug: 'demo', linkNumber, api, storage: sessionStorage })
}

/** As far as the confirm page. */
async function filled() {
  const redeem = visit()
  Object.assign(redeem.draft, { number: 'A58800000001', password: '123', receiver: { ...receiver } })
  await redeem.check()
  redeem.draft.productId = 1
  return redeem
}

const keys = () => api.redeem.mock.calls.map(([, key]) => key)
const refusal = (code: Failure['code'], message = '不行') => new Failure(message, code, true)

beforeEach(() => {
  sessionStorage.clear()
  api = fakeApi()
})

describe('check', () => {
  it('sends nothing while something is missing', async () => {
    const redeem = visit()
    expect(await redeem.check()).toBe(false)
    expect(redeem.fieldErrors.value).toHaveProperty('password')
    expect(api.check).not.toHaveBeenCalled()
  })

  it("shows the server's words and keeps what was typed", async () => {
    api.check.mockRejectedValue(refusal('card_or_password_wrong', '卡号或密码不对'))
    const redeem = visit('A1')
    redeem.draft.password = 'typo'
    expect(await redeem.check()).toBe(false)
    expect(redeem.failure.value?.message).toBe('卡号或密码不对')
    expect(redeem.draft).toMatchObject({ number: 'A1', password: 'typo' })
  })

  it('waits as long as the server says', async () => {
    api.check.mockRejectedValue(new Failure('太多次', 'too_many_tries', false, [], 90))
    const redeem = visit('A1')
    redeem.draft.password = '1'
    await redeem.check()
    expect(redeem.blockedUntil.value - Date.now()).toBeGreaterThan(89_000)
  })
})

describe('the idempotency key', () => {
  it('survives a lost answer, a retry and a reload', async () => {
    api.redeem.mockRejectedValue(unreachable())
    const redeem = await filled()
    expect(await redeem.submit()).toBe('failed')
    expect(await redeem.submit()).toBe('failed')
    const reloaded = visit()
    await reloaded.check()
    api.redeem.mockResolvedValue(order())
    expect(await reloaded.submit()).toBe('placed')
    expect(new Set(keys())).toHaveProperty('size', 1)
    expect(keys()).toHaveLength(3)
  })

  it('is stored before the request leaves', async () => {
    const redeem = await filled()
    let stored = ''
    api.redeem.mockImplementation(() => {
      stored = sessionStorage.getItem('tihuo:demo:1') ?? ''
      return Promise.resolve(order())
    })
    await redeem.submit()
    expect(stored).toContain(keys()[0])
  })

  it.each([
    ['a fault', new Failure('系统忙', 'internal_error', false)],
    ['too many tries', new Failure('太多次', 'too_many_tries', false, [], 30)],
  ])('survives %s', async (_what, failure) => {
    api.redeem.mockRejectedValueOnce(failure)
    const redeem = await filled()
    await redeem.submit()
    await redeem.submit()
    expect(keys()[0]).toBe(keys()[1])
  })

  it('ends with a definite refusal', async () => {
    api.redeem.mockRejectedValueOnce(refusal('product_not_available'))
    const redeem = await filled()
    await redeem.submit()
    await redeem.submit()
    expect(keys()[0]).not.toBe(keys()[1])
  })

  it('ends with the order', async () => {
    const redeem = await filled()
    await redeem.submit()
    expect(redeem.draft.intent).toBeNull()
  })

  it('sends one request for a double tap', async () => {
    const redeem = await filled()
    await Promise.all([redeem.submit(), redeem.submit(), redeem.submit()])
    expect(api.redeem).toHaveBeenCalledTimes(1)
  })
})

describe('submit', () => {
  it('sends the mobile and texts in their plain form', async () => {
    const redeem = await filled()
    Object.assign(redeem.draft.receiver, { name: ' 张小明 ', mobile: '+86 138-0013-8000' })
    await redeem.submit()
    expect(api.redeem.mock.calls[0]?.[0]).toEqual({
      number: 'A58800000001', password: '123', product_id: 1, receiver, remark: '', source: 'h5',
    })
  })

  it('leaves nothing chosen after an order, so that going back offers no second one', async () => {
    const redeem = await filled()
    api.check.mockResolvedValue(card({ uses_total: 2, uses_left: 1, orders: [order()] }))
    expect(await redeem.submit()).toBe('placed')
    expect(redeem.draft).toMatchObject({ productId: null, order: { number: 'TH1' } })
    expect(redeem.card.value?.orders).toHaveLength(1)
  })

  it('brings back the order when another device was faster', async () => {
    api.redeem.mockRejectedValue(refusal('card_already_redeemed', '这张卡已经提过货了'))
    const redeem = await filled()
    api.check.mockResolvedValue(card({ state: 'redeemed', orders: [order()] }))
    expect(await redeem.submit()).toBe('refused')
    expect(redeem.notice.value).toBe('这张卡已经提过货了')
    expect(redeem.card.value?.state).toBe('redeemed')
    expect(redeem.draft.receiver.name).toBe('张小明')
  })

  it('puts field errors at their controls until they are worked on', async () => {
    api.redeem.mockRejectedValue(new Failure('填写有误', 'invalid_request', true, [
      { field: 'receiver.city', message: '城市：请选择' }, { field: 'receiver.address', message: '详细地址：太短' },
    ]))
    const redeem = await filled()
    expect(await redeem.submit()).toBe('fields')
    expect(redeem.fieldErrors.value).toEqual({ 'receiver.province': '城市：请选择', 'receiver.address': '详细地址：太短' })
    expect(redeem.failure.value).toBeNull()
    redeem.draft.receiver.address = '文三路 100 号 3 幢'
    await nextTick()
    expect(redeem.fieldErrors.value['receiver.address']).toBe('')
    expect(redeem.fieldErrors.value['receiver.province']).toBe('城市：请选择')
  })

  it('says what is wrong with a field that has no control', async () => {
    api.redeem.mockRejectedValue(new Failure('商品不对', 'invalid_request', true, [{ field: 'product_id', message: '商品不对' }]))
    const redeem = await filled()
    await redeem.submit()
    expect(redeem.failure.value?.message).toBe('商品不对')
  })

  it('does not spend another try on a password that was refused', async () => {
    api.redeem.mockRejectedValue(refusal('card_or_password_wrong'))
    const redeem = await filled()
    expect(await redeem.submit()).toBe('failed')
    expect(api.check).toHaveBeenCalledTimes(1)
  })
})

describe('anotherCard', () => {
  it('keeps the receiver only', async () => {
    const redeem = await filled()
    await redeem.submit()
    redeem.anotherCard()
    expect(redeem.card.value).toBeNull()
    expect(redeem.draft).toMatchObject({ number: '', password: '', productId: null, order: null, receiver })
  })
})
