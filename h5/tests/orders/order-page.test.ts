import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure, unreachable } from '../../src/api/failure'
import type { PublicOrderView } from '../../src/api/types'
import { fakeApi, order } from '../fixtures'
import { mountApp } from '../mounted'

enableAutoUnmount(afterEach)

let api = fakeApi()

function shared(change: Partial<PublicOrderView> = {}): PublicOrderView {
  const { number, status, ship_on, placed_at, completed_at, product, shipments } = order()
  return {
    number, status, ship_on, placed_at, completed_at, product, shipments,
    receiver_name: '张**', mobile: '138****8000', province: '浙江省', city: '杭州市', ...change,
  }
}

beforeEach(() => {
  api = fakeApi()
  sessionStorage.clear()
  localStorage.clear()
  history.replaceState(null, '', '/c/demo/o/token-1')
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined)
})

async function open() {
  const mounted = await mountApp(api)
  await vi.dynamicImportSettled()
  await flushPromises()
  return mounted
}

describe('an order by its link', () => {
  it('shows the order and asks for nothing else', async () => {
    api.order.mockResolvedValue(shared())
    const { app } = await open()
    expect(api.order).toHaveBeenCalledWith('token-1')
    expect(api.check).not.toHaveBeenCalled()
    expect(app.get('h1').text()).toBe('待发货')
    expect(app.text()).toContain('张** 138****8000')
    expect(app.text()).toContain('浙江省 杭州市')
    expect(document.title).toBe('订单进度 - 果园')
  })

  it('is loaded anew, and keeps what it shows when that fails', async () => {
    api.order.mockResolvedValueOnce(shared())
    const { app } = await open()
    api.order.mockRejectedValueOnce(unreachable())
    await app.get('#reload-order').trigger('click')
    await flushPromises()
    expect(app.get('[role="alert"]').text()).toContain('网络不通')
    expect(app.get('h1').text()).toBe('待发货')
    api.order.mockResolvedValueOnce(shared({
      status: 'shipped', shipments: [{ courier_name: '顺丰速运', tracking_number: 'SF123', shipped_at: '2026-11-23T05:21:00Z' }],
    }))
    await app.get('#reload-order').trigger('click')
    await flushPromises()
    expect(app.get('h1').text()).toBe('已发货')
    expect(app.get('.parcels').text()).toContain('SF123')
    expect(app.get('#reload-order').text()).toBe('已是最新')
  })

  it('says so where there is none, and leads on', async () => {
    api.order.mockRejectedValue(new Failure('没有这个订单', 'order_not_found', true))
    const { app } = await open()
    expect(app.get('h1').text()).toBe('没有找到这个订单')
    await app.get('#by-card').trigger('click')
    await flushPromises()
    expect(location.pathname).toBe('/c/demo')
    expect(app.find('#number').exists()).toBe(true)
    expect(app.text()).toContain('填写这一单所用的卡号和密码')
  })

  it('can be tried again when nothing came', async () => {
    api.order.mockRejectedValueOnce(unreachable()).mockResolvedValueOnce(shared())
    const { app } = await open()
    expect(app.get('h1').text()).toBe('没有加载出来')
    await app.get('#reload-order').trigger('click')
    await flushPromises()
    expect(app.get('h1').text()).toBe('待发货')
  })
})
