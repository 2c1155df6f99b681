import { enableAutoUnmount, flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure } from '../../src/api/failure'
import type { OrderView } from '../../src/api/types'
import { card, december, fakeApi, offered, order } from '../fixtures'
import { mountApp } from '../mounted'

enableAutoUnmount(afterEach)

let api = fakeApi()
const mine = order({ ship_on: '2026-12-03', token: 'token-1', may_correct_address: true, may_correct_date: true })

beforeEach(() => {
  api = fakeApi()
  sessionStorage.clear()
  localStorage.clear()
  history.replaceState(null, '', '/c/demo')
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined)
  api.days.mockResolvedValue(december())
})

async function settle() {
  await flushPromises()
  await vi.dynamicImportSettled()
  await flushPromises()
}

async function save(app: VueWrapper) {
  await app.get('form').trigger('submit')
  await settle()
}

async function open(button: string, of: OrderView = mine) {
  api.check.mockResolvedValue(card({ state: 'redeemed', uses_left: 0, orders: [of] }))
  const mounted = await mountApp(api)
  const { app } = mounted
  await app.get('#number').setValue('A58800000001')
  await app.get('#password').setValue('123')
  await save(app)
  await app.get(button).trigger('click')
  await settle()
  return mounted
}

const valueOf = (app: VueWrapper, id: string) => (app.get(id).element as HTMLInputElement).value

describe('correcting the receiver', () => {
  it('starts with what is known, wants the whole mobile, and shows the order as it is now', async () => {
    const { app } = await open('#receiver-TH1')
    expect(app.get('h1').text()).toBe('修改收货信息')
    expect(valueOf(app, '#name')).toBe('张小明')
    expect(valueOf(app, '#mobile')).toBe('')
    expect(app.text()).toContain('原手机号 138****8000')
    await save(app)
    expect(app.get('#mobile-error').text()).toBe('请填写手机号')
    expect(document.activeElement?.id).toBe('mobile')
    expect(api.correct).not.toHaveBeenCalled()

    await app.get('#mobile').setValue('139 1234 5678')
    await app.get('#address').setValue('文三路 200 号')
    api.correct.mockResolvedValue({ ...mine, receiver: { ...mine.receiver, address: '文三路 200 号', mobile: '139****5678' } })
    await save(app)
    expect(api.correct).toHaveBeenCalledWith('TH1', {
      number: 'A58800000001', password: '123', source: 'h5', captcha: null, ship_on: null,
      receiver: { ...mine.receiver, mobile: '13912345678', address: '文三路 200 号' },
    })
    await vi.waitFor(() => { expect(app.get('.order').text()).toContain('文三路 200 号') })
  })

  it('keeps what was typed through a refusal of the area', async () => {
    api.correct.mockRejectedValue(new Failure('抱歉，西藏暂不发货', 'undeliverable_area', true))
    const { app } = await open('#receiver-TH1')
    await app.get('#mobile').setValue('13912345678')
    await save(app)
    expect(app.get('#region-error').text()).toBe('抱歉，西藏暂不发货')
    expect(valueOf(app, '#mobile')).toBe('13912345678')
  })

  it('asks for the captcha and sends it along', async () => {
    api.correct.mockRejectedValueOnce(new Failure('请输入验证码', 'captcha_needed', false))
    const { app } = await open('#receiver-TH1')
    await app.get('#mobile').setValue('13912345678')
    await save(app)
    await app.get('#captcha').setValue('ab12')
    await save(app)
    expect(api.correct.mock.calls[1]?.[1].captcha).toEqual({ id: 'c1', answer: 'ab12' })
    expect(valueOf(app, '#mobile')).toBe('13912345678')
  })

  it('leads back to an order that was shipped meanwhile', async () => {
    api.correct.mockRejectedValue(new Failure('此订单已由 店主 发货（顺丰速运 SF1）', 'order_already_shipped', true))
    const { app } = await open('#receiver-TH1')
    await app.get('#mobile').setValue('13912345678')
    await save(app)
    expect(app.get('[role="alert"]').text()).toContain('已由 店主 发货')
    expect(app.find('#submit').exists()).toBe(false)
    api.check.mockResolvedValue(card({ state: 'redeemed', orders: [{ ...mine, status: 'shipped', may_correct_address: false }] }))
    await app.get('#see-order').trigger('click')
    await settle()
    await vi.waitFor(() => { expect(app.get('.order__status').text()).toBe('已发货') })
    expect(app.find('#receiver-TH1').exists()).toBe(false)
  })
})

describe('correcting the day', () => {
  it('wants another day and takes it from the calendar', async () => {
    const { app } = await open('#day-TH1')
    expect(api.days).toHaveBeenCalledWith(1, '330106')
    await save(app)
    expect(app.get('#ship-on-error').text()).toBe('请选择另一个日期')
    await app.get('#ship-on').trigger('click')
    await settle()
    document.querySelector<HTMLElement>('[data-day="2026-12-04"]')?.click()
    await vi.waitFor(() => { expect(document.querySelector('[role="dialog"]')).toBeNull() })
    expect(app.get('#ship-on').text()).toContain('12月4日')
    api.correct.mockResolvedValue({ ...mine, ship_on: '2026-12-04' })
    await save(app)
    expect(api.correct.mock.calls[0]?.[1]).toMatchObject({ receiver: null, ship_on: '2026-12-04' })
    await vi.waitFor(() => { expect(app.get('.steps').text()).toContain('12月4日') })
  })

  it('offers the nearest day when the chosen one has just filled up', async () => {
    const { app } = await open('#day-TH1', { ...mine, ship_on: '2026-12-20' })
    await app.get('#nearest').trigger('click')
    const days = december({ nearest: '2026-12-04', days: [offered('2026-12-03', { open: false, reason: 'full' }), offered('2026-12-04')] })
    api.correct.mockRejectedValue(new Failure('12月3日已约满', 'day_full', true, [], 0, { nearest: '2026-12-04', days }))
    await save(app)
    expect(app.get('#ship-on-error').text()).toBe('12月3日已约满')
    expect(app.get('#nearest').text()).toContain('12月4日')
    await app.get('#nearest').trigger('click')
    expect(app.get('#ship-on').text()).toContain('12月4日')
    expect(app.find('#ship-on-error').exists()).toBe(false)
  })
})

describe('an order on the card\'s page', () => {
  it('offers no correction that the merchant does not allow, and no link that there is not', async () => {
    const { app } = await open('#another', order())
    expect(app.find('.order__correct').exists()).toBe(false)
    expect(app.find('.share').exists()).toBe(false)
  })
})
