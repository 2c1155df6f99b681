import { enableAutoUnmount, flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure } from '../../src/api/failure'
import type { Storefront } from '../../src/api/types'
import { jumpTarget } from '../../src/redeem/jump'
import { card, december, fakeApi, order, receiver, storefront } from '../fixtures'
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
afterEach(() => { vi.useRealTimers() })

async function settle() {
  await flushPromises()
  await vi.dynamicImportSettled()
  await flushPromises()
}

async function submit(app: VueWrapper) {
  await app.get('form').trigger('submit')
  await settle()
}

async function place(mode: 'own' | 'phone' = 'own', shop: Partial<Storefront> = {}) {
  const mounted = await mountApp(api, '', mode)
  const { app, redeem } = mounted
  redeem.storefront.value = { ...storefront, ...shop }
  if (mode === 'phone') await redeem.loadOperator()
  await settle()
  await app.get('#number').setValue('A58800000001')
  await app.get('#password').setValue('123')
  await submit(app)
  await app.get('#pick-1').trigger('click')
  await settle()
  Object.assign(redeem.draft.receiver, receiver)
  await settle()
  await submit(app)
  api.check.mockResolvedValue(card({ state: 'redeemed', uses_left: 0, orders: [order()] }))
  await submit(app)
  await vi.waitFor(() => { expect(app.get('h1').text()).toBe('提货成功') })
  await settle()
  return mounted
}

describe('jumpTarget', () => {
  it('is a web page or nothing', () => {
    expect(jumpTarget('https://shop.example.com/a')?.host).toBe('shop.example.com')
    expect(jumpTarget('http://shop.example.com')?.host).toBe('shop.example.com')
    for (const url of ['', 'javascript:alert(1)', 'data:text/html,x', '/c/demo', 'weixin://x']) expect(jumpTarget(url)).toBeNull()
  })
})

describe('after the order', () => {
  const jump_url = 'https://shop.example.com/thanks'

  it("shows the day, and the order's link", async () => {
    api.redeem.mockResolvedValue(order({ ship_on: '2026-12-03', token: 'tok_1' }))
    const { app } = await place()
    expect(app.get('.done__lead').text()).toContain('12月3日 周四')
    expect(app.get('#order-link').attributes('href')).toMatch(/^https:\/\/shop\.test\/c\/demo\/.*tok_1$/)
    expect(app.find('#copy-link').exists()).toBe(true)
    expect(app.find('#jump').exists()).toBe(false)
  })

  it('goes on to the merchant’s page after five seconds', async () => {
    const followed = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { app } = await place('own', { jump_url })
    expect(app.get('.jump').text()).toContain('前往 shop.example.com')
    expect(app.get('#jump').attributes('href')).toBe(jump_url)
    await vi.advanceTimersByTimeAsync(4000)
    expect(followed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1000)
    expect(followed).toHaveBeenCalledTimes(1)
  })

  it.each(['#stay', '#copy-order'])('stays when %s is touched', async (touched) => {
    const followed = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { app } = await place('own', { jump_url })
    await app.get(touched).trigger('pointerdown')
    await vi.advanceTimersByTimeAsync(6000)
    expect(followed).not.toHaveBeenCalled()
    expect(app.find('.jump').exists()).toBe(false)
  })

  it('never goes on to what is not a web page, nor for an operator, nor after a reload', async () => {
    const first = await place('own', { jump_url: 'javascript:alert(1)' })
    expect(first.app.find('.jump').exists()).toBe(false)
    first.app.unmount()
    api.check.mockResolvedValue(card())
    history.replaceState(null, '', '/c/demo')
    const operator = await place('phone', { jump_url })
    expect(operator.app.find('.jump').exists()).toBe(false)
    operator.app.unmount()
    history.replaceState({ page: 'done', trail: ['enter', 'card'] }, '')
    const reloaded = await mountApp(api)
    reloaded.redeem.storefront.value = { ...storefront, jump_url }
    await settle()
    expect(reloaded.app.get('h1').text()).toBe('提货成功')
    expect(reloaded.app.find('.jump').exists()).toBe(false)
  })
})

describe('an operator on the phone', () => {
  it('is named on every page, and goes on to the next caller with nothing left of the last', async () => {
    history.replaceState(null, '', '/c/demo?by=phone')
    const { app, redeem } = await place('phone')
    expect(app.get('.phone').text()).toBe('电话提货 · 小李')
    expect(document.activeElement?.id).toBe('next-caller')
    expect(app.find('#another').exists()).toBe(false)
    await app.get('#next-caller').trigger('click')
    await settle()
    expect(document.activeElement?.id).toBe('number')
    expect((app.get('#number').element as HTMLInputElement).value).toBe('')
    expect(redeem.draft.receiver.name).toBe('')
    expect(location.search).toBe('?by=phone')
    expect(localStorage.length).toBe(0)
  })

  it('goes from field to field and page to page with Enter alone', async () => {
    api.days.mockResolvedValue(december())
    const { app, redeem } = await mountApp(api, '', 'phone')
    await settle()
    expect(document.activeElement?.id).toBe('number')
    expect(app.get('#password').attributes('type')).toBe('text')
    await app.get('#number').setValue('A58800000001')
    await submit(app)
    expect(document.activeElement?.id).toBe('password')
    expect(app.find('#password-error').exists()).toBe(false)
    await app.get('#password').setValue('123')
    await submit(app)
    expect(document.activeElement?.id).toBe('pick-1')
    await app.get('#pick-1').trigger('click')
    await settle()
    expect(document.activeElement?.id).toBe('name')
    Object.assign(redeem.draft.receiver, receiver)
    redeem.draft.shipOn = '2026-12-03'
    await settle()
    await app.get('#address').trigger('keydown', { key: 'Enter' })
    await settle()
    expect(app.get('h1').text()).toBe('核对信息')
    expect(document.activeElement?.id).toBe('submit')
  })

  it('is sent to the back office to sign in, and comes back to what was typed', async () => {
    api.operator.mockRejectedValueOnce(new Failure('登录已失效', 'not_signed_in', false))
    const { app, redeem } = await mountApp(api, '', 'phone')
    await redeem.loadOperator()
    await settle()
    expect(app.get('.phone').text()).toContain('请先登录后台')
    expect(app.get('#to-admin').attributes('href')).toBe('/admin/')
    await app.get('#number').setValue('A1')
    await app.get('#operator-again').trigger('click')
    await settle()
    expect(app.get('.phone').text()).toBe('电话提货 · 小李')
    expect((app.get('#number').element as HTMLInputElement).value).toBe('A1')
  })

  it("is told when signed in to another merchant's back office", async () => {
    api.operator.mockResolvedValue({ name: '小李', slug: 'other' })
    const { app, redeem } = await mountApp(api, '', 'phone')
    await redeem.loadOperator()
    await settle()
    expect(app.get('.phone [role="alert"]').text()).toContain('另一家商家')
  })
})
