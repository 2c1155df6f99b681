import ShippingDesk from '@/pages/orders/ShippingDesk.vue'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { order } from './orders'

interface Sent {
  path: string
  body: unknown
}

function serve(refuse: Record<number, string> = {}) {
  const sent: Sent[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const request = input as Request
    const path = new URL(request.url).pathname
    const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
    if (path === '/api/m/couriers') return json(200, { items: [{ code: 'SF', name: '顺丰速运' }, { code: 'ZTO', name: '中通快递' }] })
    const id = Number(/orders\/(\d+)\/shipments/.exec(path)?.[1])
    sent.push({ path, body: await request.json() })
    const reason = refuse[id]
    if (reason) return json(409, { error: { code: 'order_already_shipped', message: reason, data: {}, request_id: 'r' } })
    return json(201, order(id, { status: 'shipped' }))
  })
  return sent
}

async function show() {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const page = mount(ShippingDesk, {
    attachTo: document.body,
    props: { orders: [order(1), order(2), order(3)], settled: true },
    global: { plugins: [[VueQueryPlugin, { queryClient }]], stubs: { ShipDialog: true, TransitionGroup: false } },
  })
  await flushPromises()
  const box = (id: number) => page.get<HTMLInputElement>(`input[data-tracking="${id}"]`)
  const row = (id: number) => page.findAll('tbody tr').find((tr) => tr.find(`input[data-tracking="${id}"]`).exists())
  return { page, box, row }
}

describe('ShippingDesk', () => {
  it('saves on Enter, goes to the next row at once, and says 已保存', async () => {
    const sent = serve()
    const { box, row } = await show()
    box(1).element.focus()
    await box(1).setValue('SF 100 200')
    await box(1).trigger('keydown', { key: 'Enter' })
    expect(document.activeElement).toBe(box(2).element)
    await flushPromises()
    expect(sent).toEqual([{ path: '/api/m/orders/1/shipments', body: { courier_code: 'SF', tracking_number: 'SF100200' } }])
    expect(row(1)?.text()).toContain('已保存')
    expect(box(1).element.disabled).toBe(true)
  })

  it('says why not, keeps the number, and lets one try again', async () => {
    serve({ 2: '小王 13:20 已经发货' })
    const { box, row } = await show()
    await box(2).setValue('123456')
    await box(2).trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(row(2)?.text()).toContain('小王 13:20 已经发货')
    expect(box(2).element.value).toBe('123456')
    expect(box(2).element.disabled).toBe(false)
    await box(2).setValue('1234567')
    expect(row(2)?.text()).not.toContain('已经发货')
  })

  it('moves by arrow keys and sends nothing for it', async () => {
    const sent = serve()
    const { box } = await show()
    box(2).element.focus()
    await box(2).trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement).toBe(box(3).element)
    await box(3).trigger('keydown', { key: 'ArrowUp' })
    expect(document.activeElement).toBe(box(2).element)
    await box(2).trigger('keydown', { key: 'Enter' })
    expect(document.activeElement).toBe(box(3).element)
    await flushPromises()
    expect(sent).toEqual([])
  })

  it('does not take the Enter of an input method for its own', async () => {
    const sent = serve()
    const { box } = await show()
    await box(1).setValue('123456')
    await box(1).trigger('keydown', { key: 'Enter', isComposing: true })
    await flushPromises()
    expect(sent).toEqual([])
  })

  it('keeps a saved row while the list refreshes around it, and shows the new order', async () => {
    serve()
    const { page, box } = await show()
    await box(1).setValue('123456')
    await box(1).trigger('keydown', { key: 'Enter' })
    await flushPromises()
    await page.setProps({ orders: [order(7), order(2), order(3)] })
    expect(page.findAll('input[data-tracking]').map((i) => i.attributes('data-tracking'))).toEqual(['7', '1', '2', '3'])
  })

  it('uses one courier for the column, and remembers it', async () => {
    const sent = serve()
    const { page, box } = await show()
    await page.get('.column select').setValue('ZTO')
    await box(3).setValue('777777')
    await box(3).trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(sent[0]?.body).toEqual({ courier_code: 'ZTO', tracking_number: '777777' })
    expect(localStorage.getItem('tihuo:courier')).toBe('ZTO')
    localStorage.clear()
  })
})
