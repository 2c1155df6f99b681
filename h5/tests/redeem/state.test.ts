import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { Failure, unreachable } from '../../src/api/failure'
import { createRedeem } from '../../src/redeem/state'
import { card, fakeApi, order, receiver, sixTimes } from '../fixtures'

let api = fakeApi()

function visit(linkNumber = '') {
  return createRedeem({ slug: 'demo', linkNumber, api, storage: sessionStorage, lasting: () => localStorage })
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
  localStorage.clear()
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

describe('a card for several pick-ups', () => {
  /** The server's side: so many were picked up, and the next submission is one more. */
  function serve(used: number) {
    api.check.mockResolvedValue(sixTimes(used))
    api.redeem.mockImplementation(() => {
      api.check.mockResolvedValue(sixTimes(used + 1))
      return Promise.resolve(order({ number: `TH${used + 1}` }))
    })
  }

  /** The server does it, but the answer is lost. */
  function lose(used: number) {
    api.redeem.mockImplementationOnce(() => {
      api.check.mockResolvedValue(sixTimes(used))
      return Promise.reject(unreachable())
    })
  }

  it('has a key of its own for each, even with the very same words', async () => {
    serve(0)
    const redeem = await filled()
    expect(await redeem.submit()).toBe('placed')
    expect(redeem.card.value).toMatchObject({ uses_left: 5, state: 'redeemable' })
    serve(1)
    redeem.choose(1)
    expect(redeem.draft).toMatchObject({ order: null, receiver })
    expect(await redeem.submit()).toBe('placed')
    expect(api.redeem.mock.calls[0]?.[0]).toEqual(api.redeem.mock.calls[1]?.[0])
    expect(new Set(keys()).size).toBe(2)
    expect(redeem.draft.order?.number).toBe('TH2')
  })

  it("tries the second again under the second's key, also after a reload", async () => {
    serve(0)
    const redeem = await filled()
    await redeem.submit()
    redeem.choose(1)
    api.redeem.mockRejectedValue(unreachable())
    await redeem.submit()
    await redeem.submit()
    const reloaded = visit()
    await reloaded.check()
    expect(reloaded.draft.productId).toBe(1)
    serve(1)
    expect(await reloaded.submit()).toBe('placed')
    const [first, ...second] = keys()
    expect(second).toHaveLength(3)
    expect(new Set(second).size).toBe(1)
    expect(second).not.toContain(first)
  })

  it('is retried under the same key as long as nobody has looked at the card', async () => {
    serve(0)
    const redeem = await filled()
    lose(1)
    expect(await redeem.submit()).toBe('failed')
    api.redeem.mockResolvedValue(order())
    expect(await redeem.submit()).toBe('placed')
    expect(new Set(keys()).size).toBe(1)
  })

  it('never takes the key of a lost pick-up for the next one, once the card shows its order', async () => {
    serve(0)
    const redeem = await filled()
    lose(1)
    await redeem.submit()
    const reloaded = visit()
    await reloaded.check()
    expect(reloaded.notice.value).toContain('新增了一笔订单')
    expect(reloaded.draft).toMatchObject({ intent: null, productId: null })
    serve(1)
    reloaded.choose(1)
    expect(reloaded.notice.value).toBe('')
    expect(await reloaded.submit()).toBe('placed')
    expect(api.redeem.mock.calls[0]?.[0]).toEqual(api.redeem.mock.calls[1]?.[0])
    expect(new Set(keys()).size).toBe(2)
  })

  it('looks at the card before it sends a form that was changed after a lost answer', async () => {
    serve(0)
    const redeem = await filled()
    lose(1)
    await redeem.submit()
    redeem.draft.remark = '放门口'
    expect(await redeem.submit()).toBe('refused')
    expect(keys()).toHaveLength(1)
    expect(redeem.notice.value).toContain('新增了一笔订单')
    expect(redeem.card.value?.orders).toHaveLength(1)
  })

  it('sends the changed form when the lost one was never placed', async () => {
    serve(0)
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(unreachable())
    await redeem.submit()
    redeem.draft.remark = '放门口'
    expect(await redeem.submit()).toBe('placed')
    expect(new Set(keys()).size).toBe(2)
  })

  it('sends nothing and keeps the key while the card can not be looked at', async () => {
    serve(0)
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(unreachable())
    await redeem.submit()
    const { intent } = redeem.draft
    api.check.mockRejectedValueOnce(unreachable())
    redeem.draft.remark = '放门口'
    expect(await redeem.submit()).toBe('failed')
    expect(redeem.failure.value?.message).toContain('网络不通')
    expect(redeem.draft.intent).toEqual(intent)
    expect(keys()).toHaveLength(1)
  })

  it("drops a lost pick-up's key when another card is looked at", async () => {
    serve(0)
    const redeem = await filled()
    api.redeem.mockRejectedValueOnce(unreachable())
    await redeem.submit()
    api.check.mockResolvedValue(sixTimes(3, { number: 'B1' }))
    redeem.draft.number = 'B1'
    await redeem.check()
    expect(redeem.draft.intent).toBeNull()
    expect(redeem.notice.value).toBe('')
  })

  it('knows nothing of what is left until the server has said so', async () => {
    serve(0)
    const redeem = await filled()
    api.redeem.mockImplementation(() => {
      api.check.mockRejectedValueOnce(unreachable())
      return Promise.resolve(order())
    })
    expect(await redeem.submit()).toBe('placed')
    expect(redeem.card.value).toBeNull()
    expect(redeem.failure.value).toBeNull()
    await redeem.recallCard()
    expect(redeem.card.value).not.toBeNull()
    const asked = api.check.mock.calls.length
    await redeem.recallCard()
    expect(api.check).toHaveBeenCalledTimes(asked)
  })

  it('forgets the remark of the pick-up before', async () => {
    serve(0)
    const redeem = await filled()
    redeem.draft.remark = '周末送'
    await redeem.submit()
    expect(redeem.draft.remark).toBe('')
  })
})

describe('what is typed', () => {
  it.each(['a588-0000 0001', 'Ａ５８８００００—０００１', 'A588OOOOOOOl'])('goes to the server as it is: %s', async (number) => {
    const redeem = visit()
    Object.assign(redeem.draft, { number: ` ${number} `, password: ' 1o-Il ' })
    expect(await redeem.check()).toBe(true)
    expect(api.check).toHaveBeenCalledWith({ number, password: '1o-Il', source: 'h5', captcha: null })
  })

  it("may be the card's whole link", async () => {
    const redeem = visit()
    Object.assign(redeem.draft, { number: 'https://shop.test/c/demo/A58800000001', password: '1' })
    await redeem.check()
    expect(api.check).toHaveBeenCalledWith({ number: 'A58800000001', password: '1', source: 'h5', captcha: null })
    expect(redeem.draft.number).toBe('A58800000001')
    redeem.draft.number = 'https://shop.test/c/other/B1'
    await nextTick()
    expect(await redeem.check()).toBe(false)
    expect(redeem.fieldErrors.value.number).toContain('不是本店的')
    expect(redeem.draft.number).toBe('https://shop.test/c/other/B1')
    expect(api.check).toHaveBeenCalledTimes(1)
  })
})

describe('submit', () => {
  it('sends the mobile and texts in their plain form', async () => {
    const redeem = await filled()
    Object.assign(redeem.draft.receiver, { name: ' 张小明 ', mobile: '+86 138-0013-8000' })
    await redeem.submit()
    expect(api.redeem.mock.calls[0]?.[0]).toEqual({
      number: 'A58800000001', password: '123', product_id: 1, receiver, remark: '', ship_on: null, source: 'h5',
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
