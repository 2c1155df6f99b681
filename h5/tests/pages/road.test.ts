import { enableAutoUnmount, flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure, unreachable } from '../../src/api/failure'
import { card, fakeApi, order, receiver, sixTimes } from '../fixtures'
import { mountApp } from '../mounted'

enableAutoUnmount(afterEach)

let api = fakeApi()

beforeEach(() => {
  api = fakeApi()
  sessionStorage.clear()
  localStorage.clear()
  history.replaceState(null, '', '/c/demo')
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined)
})

async function settle() {
  await flushPromises()
  await vi.dynamicImportSettled()
  await flushPromises()
}

async function submit(app: VueWrapper) {
  await app.get('form').trigger('submit')
  await settle()
}

async function enter(app: VueWrapper) {
  await app.get('#number').setValue('A58800000001')
  await app.get('#password').setValue('123')
  await submit(app)
}

async function toConfirm(app: VueWrapper, redeem: Awaited<ReturnType<typeof mountApp>>['redeem']) {
  await enter(app)
  await app.get('#pick-1').trigger('click')
  await settle()
  Object.assign(redeem.draft.receiver, receiver)
  await submit(app)
}

describe('the road from card to order', () => {
  it('goes all the way', async () => {
    const { app, redeem } = await mountApp(api)
    expect(app.get('h1').text()).toBe('果园')
    await toConfirm(app, redeem)
    expect(app.text()).toContain('13800138000')
    api.check.mockResolvedValue(card({ state: 'redeemed', orders: [order()] }))
    await submit(app)
    await vi.waitFor(() => { expect(app.get('h1').text()).toBe('提货成功') })
    expect(app.get('.done__number').text()).toContain('TH1')
    expect(document.title).toBe('提货成功 - 果园')
    await app.get('#see-order').trigger('click')
    await settle()
    expect(app.get('.order').text()).toContain('待发货')
    expect(location.pathname).toBe('/c/demo')
  })

  it('moves the focus to the title of a new page', async () => {
    const { app } = await mountApp(api)
    await enter(app)
    expect(document.activeElement).toBe(app.get('h1').element)
  })

  it('shows and focuses what is missing in the form', async () => {
    const { app } = await mountApp(api)
    await enter(app)
    await app.get('#pick-2').trigger('click')
    await settle()
    await submit(app)
    expect(app.get('#name-error').text()).toBe('请填写收货人姓名')
    expect(app.get('#name').attributes('aria-describedby')).toBe('name-error')
    expect(document.activeElement?.id).toBe('name')
  })

  it('says that a lost submission is safe to send again', async () => {
    api.redeem.mockRejectedValue(unreachable())
    const { app, redeem } = await mountApp(api)
    await toConfirm(app, redeem)
    await submit(app)
    expect(app.get('[role="alert"]').text()).toContain('网络不通')
    expect(app.text()).toContain('不会重复下单')
    expect(app.get('#submit').text()).toBe('重试提交')
  })

  it('goes back to the field that the server refused', async () => {
    api.redeem.mockRejectedValue(
      new Failure('填写有误', 'invalid_request', true, [{ field: 'receiver.mobile', message: '手机号：停用了' }]),
    )
    const { app, redeem } = await mountApp(api)
    await toConfirm(app, redeem)
    await submit(app)
    await vi.waitFor(() => { expect(app.get('#mobile-error').text()).toBe('手机号：停用了') })
    await settle()
    expect(document.activeElement?.id).toBe('mobile')
    expect((app.get('#name').element as HTMLInputElement).value).toBe('张小明')
  })

  it('goes back to the products when the chosen one is gone', async () => {
    api.redeem.mockRejectedValue(new Failure('这件商品下架了', 'product_not_available', true))
    const { app, redeem } = await mountApp(api)
    await toConfirm(app, redeem)
    api.check.mockResolvedValue(card({ products: card().products.slice(1) }))
    await submit(app)
    await vi.waitFor(() => { expect(app.get('.notice_warn').text()).toBe('这件商品下架了') })
    expect(app.find('#pick-1').exists()).toBe(false)
    expect(app.find('#pick-2').exists()).toBe(true)
  })
})

describe('a card for several pick-ups', () => {
  async function place(app: VueWrapper, used: number) {
    api.redeem.mockImplementationOnce(() => {
      api.check.mockResolvedValue(sixTimes(used))
      return Promise.resolve(order({ number: `TH${used}` }))
    })
    await submit(app)
    await vi.waitFor(() => { expect(app.get('.done__number').text()).toContain(`TH${used}`) })
    await settle()
  }

  it('shows what is left, the products, and below them the orders, the newest first', async () => {
    api.check.mockResolvedValue(sixTimes(2))
    const { app } = await mountApp(api)
    await enter(app)
    expect(app.get('.face__facts').text()).toContain('共 6 次，还可提 4 次')
    expect(app.get('#products-title').text()).toBe('每次可任选一件，共 2 种')
    expect(app.findAll('.order__number').map((one) => one.text())).toEqual(['订单 TH2', '订单 TH1'])
    const text = app.text()
    expect(text.indexOf('选这个')).toBeLessThan(text.indexOf('订单 TH2'))
    expect(app.get('#see-orders').text()).toBe('查看提货订单（2 笔）')
    await app.get('#see-orders').trigger('click')
    expect(document.activeElement?.id).toBe('orders-title')
  })

  it('is picked up again without typing the card, each time under a key of its own', async () => {
    api.check.mockResolvedValue(sixTimes(2))
    const { app, redeem, router } = await mountApp(api)
    await toConfirm(app, redeem)
    await place(app, 3)
    expect(app.get('.done__left').text()).toBe('还可提 3 次')
    expect(app.get('#again').text()).toBe('再提一次')
    await app.get('#again').trigger('click')
    await vi.waitFor(() => { expect(app.get('h1').text()).toBe('选择商品') })
    expect(router.current.value).toEqual({ page: 'card', trail: ['enter'] })
    expect(app.get('.face__facts').text()).toContain('共 6 次，还可提 3 次')
    await app.get('#pick-1').trigger('click')
    await settle()
    expect((app.get('#name').element as HTMLInputElement).value).toBe('张小明')
    await submit(app)
    expect(app.get('#submit').text()).toBe('确认提货')
    await place(app, 4)
    expect(app.get('.done__left').text()).toBe('还可提 2 次')
    expect(new Set(api.redeem.mock.calls.map(([, key]) => key)).size).toBe(2)
    expect(api.redeem.mock.calls[0]?.[0]).toEqual(api.redeem.mock.calls[1]?.[0])
  })

  it('says when all was picked up', async () => {
    api.check.mockResolvedValue(sixTimes(5))
    const { app, redeem } = await mountApp(api)
    await toConfirm(app, redeem)
    await place(app, 6)
    expect(app.get('.done__left').text()).toBe('已全部提完（6 次）')
    expect(app.find('#again').exists()).toBe(false)
    await app.get('#see-order').trigger('click')
    await settle()
    expect(app.get('.face').text()).toContain('已全部提完（6 次）')
    expect(app.get('.face__state').text()).toBe('已提完')
    expect(app.findAll('.order')).toHaveLength(6)
    expect(app.find('#pick-1').exists()).toBe(false)
  })

  it('asks for the count again after a reload of the last page', async () => {
    history.replaceState({ page: 'done', trail: ['enter', 'card'] }, '')
    sessionStorage.setItem('tihuo:demo:1', JSON.stringify({ number: 'A1', password: '1', order: order() }))
    api.check.mockResolvedValue(sixTimes(3))
    const { app } = await mountApp(api)
    await settle()
    expect(app.get('.done__left').text()).toBe('还可提 3 次')
    expect(app.find('#again').exists()).toBe(true)
  })

  it('keeps the last page while the card can not be had', async () => {
    const { app, redeem, router } = await mountApp(api)
    api.check.mockResolvedValue(sixTimes(2))
    await toConfirm(app, redeem)
    api.redeem.mockImplementationOnce(() => {
      api.check.mockRejectedValue(unreachable())
      return Promise.resolve(order())
    })
    await submit(app)
    await vi.waitFor(() => { expect(router.current.value.page).toBe('done') })
    await settle()
    expect(app.get('h1').text()).toBe('提货成功')
    expect(app.get('.done__left').text()).toBe('')
    api.check.mockResolvedValue(sixTimes(3))
    await app.get('#see-order').trigger('click')
    await settle()
    expect(app.get('.face__facts').text()).toContain('还可提 3 次')
  })

  it('leads to the orders, not to a second one, when a reload finds that the lost answer was an order', async () => {
    api.check.mockResolvedValue(sixTimes(0))
    api.redeem.mockImplementation(() => {
      api.check.mockResolvedValue(sixTimes(1))
      return Promise.reject(unreachable())
    })
    const first = await mountApp(api)
    await toConfirm(first.app, first.redeem)
    await submit(first.app)
    expect(first.app.text()).toContain('请放心重试：不会重复下单')
    first.app.unmount()
    const { app, router } = await mountApp(api)
    await settle()
    expect(app.get('.notice_warn').text()).toContain('新增了一笔订单')
    expect(app.get('.order__number').text()).toBe('订单 TH1')
    await vi.waitFor(() => { expect(router.current.value).toEqual({ page: 'card', trail: ['enter'] }) })
  })

  it('says of an expired one how often it was used', async () => {
    api.check.mockResolvedValue(sixTimes(2, { state: 'expired', message: '这张卡已过期', products: [] }))
    const { app } = await mountApp(api)
    await enter(app)
    expect(app.get('.face__facts').text()).toContain('共 6 次，已提 2 次')
    expect(app.text()).toContain('这张卡已过期')
    expect(app.find('#see-orders').exists()).toBe(false)
    expect(app.findAll('.order')).toHaveLength(2)
  })
})

describe('a card for one pick-up', () => {
  it('says nothing of times', async () => {
    const { app, redeem } = await mountApp(api)
    await toConfirm(app, redeem)
    api.check.mockResolvedValue(card({ state: 'redeemed', uses_left: 0, message: '这张卡已经提过货了', orders: [order()] }))
    await submit(app)
    await vi.waitFor(() => { expect(app.get('h1').text()).toBe('提货成功') })
    await settle()
    expect(app.get('.done__left').text()).toBe('')
    expect(app.findAll('.actions button').map((one) => one.text())).toEqual(['查看订单', '再提一张卡'])
    await app.get('#see-order').trigger('click')
    await settle()
    expect(app.text()).toContain('这张卡已经提过货了')
    expect(app.get('.face').text()).not.toContain('次')
    expect(app.get('.face__state').text()).toBe('已提货')
  })
})

describe('the first page', () => {
  it('cuts and refuses nothing that is typed or pasted', async () => {
    const { app } = await mountApp(api)
    for (const id of ['#number', '#password']) {
      const field = app.get(id)
      for (const hindrance of ['maxlength', 'minlength', 'pattern', 'inputmode', 'required']) {
        expect(field.attributes(hindrance), `${id} ${hindrance}`).toBeUndefined()
      }
      expect(field.attributes()).toMatchObject({
        type: 'text', autocomplete: 'off', autocapitalize: 'characters', autocorrect: 'off', spellcheck: 'false',
      })
    }
    expect(app.get('form').attributes('novalidate')).toBeDefined()
    await app.get('#number').setValue('A588 0000-0001')
    await app.get('#password').setValue('ｏＯ-1 l')
    await submit(app)
    expect(api.check).toHaveBeenCalledWith({ number: 'A588 0000-0001', password: 'ｏＯ-1 l', source: 'h5', captcha: null })
  })

  it("asks only for the password when the card's link was opened", async () => {
    const { app, redeem } = await mountApp(api, 'A58800000009')
    expect(app.find('#number').exists()).toBe(false)
    expect(app.get('.given__number').text()).toBe('A58800000009')
    await app.get('#other-number').trigger('click')
    expect(app.find('#number').exists()).toBe(true)
    expect(redeem.draft.number).toBe('')
  })

  it("shows the merchant's notice while closed, and still finds orders", async () => {
    const { app, redeem } = await mountApp(api)
    redeem.storefront.value = { ...(await api.storefront()), open: false, closed_notice: '春节休息' }
    await settle()
    expect(app.get('.notice_closed').text()).toContain('春节休息')
    expect(app.get('#submit').text()).toBe('查询订单')
  })

  it('counts down when there were too many tries', async () => {
    api.check.mockRejectedValue(new Failure('太多次', 'too_many_tries', false, [], 90))
    const { app } = await mountApp(api)
    await enter(app)
    expect(app.get('#submit').text()).toBe('请等 1 分 30 秒')
    expect(app.get('#submit').attributes('aria-disabled')).toBe('true')
  })

  it('hides scanning where the browser can not', async () => {
    const { app } = await mountApp(api)
    expect(app.find('#scan').exists()).toBe(false)
  })
})

describe('a reload', () => {
  it('asks for the card again and stays on the page', async () => {
    const first = await mountApp(api)
    await enter(first.app)
    await first.app.get('#pick-1').trigger('click')
    await settle()
    await first.app.get('#name').setValue('王五')
    first.app.unmount()
    const { app } = await mountApp(api)
    await settle()
    expect(api.check).toHaveBeenCalledTimes(2)
    expect((app.get('#name').element as HTMLInputElement).value).toBe('王五')
  })

  it('starts over when the card can not be had', async () => {
    history.replaceState({ page: 'form', trail: ['enter', 'card'] }, '')
    sessionStorage.setItem('tihuo:demo:1', JSON.stringify({ number: 'A1', password: '1' }))
    api.check.mockRejectedValue(unreachable())
    const { app, router } = await mountApp(api)
    await settle()
    expect(router.current.value.page).toBe('enter')
    expect(app.get('[role="alert"]').text()).toContain('网络不通')
    expect((app.get('#number').element as HTMLInputElement).value).toBe('A1')
  })
})

describe('a storefront that does not load', () => {
  it('offers to retry, and says so when there is none', async () => {
    const { app, redeem } = await mountApp(api)
    redeem.storefront.value = null
    api.storefront.mockRejectedValueOnce(unreachable())
    await redeem.loadStorefront()
    await settle()
    await app.get('#retry').trigger('click')
    await settle()
    expect(app.get('h1').text()).toBe('果园')
    redeem.storefrontFailure.value = new Failure('没有这个提货页面', 'storefront_not_found', true)
    await settle()
    expect(app.text()).toContain('没有这个提货页面')
    expect(app.find('#retry').exists()).toBe(false)
  })
})
