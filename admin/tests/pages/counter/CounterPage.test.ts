import type { CounterCard } from '@/api/types'
import * as sound from '@/live/sound'
import CounterPage from '@/pages/counter/CounterPage.vue'
import { SETTLE_MS } from '@/pages/counter/keys'
import { useSession } from '@/session/store'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { handedOver } from '../orders/orders'

interface Call {
  path: string
  key: string | null
  body: { number: string; password: string; product_id?: number; remark?: string }
}
type Answer = [number, unknown] | 'lost'

function product(id: number, name: string): CounterCard['products'][number] {
  return { id, name, pictures: [], contents: [], detail_html: '', undeliverable: [], undeliverable_note: '' }
}

function card(changes: Partial<CounterCard> = {}): CounterCard {
  return {
    number: 'A588',
    name: '388 卡',
    face_value_fen: 38800,
    valid_from: null,
    valid_until: '2027-01-31',
    state: 'redeemable',
    open: true,
    message: '',
    uses_total: 1,
    uses_left: 1,
    products: [product(1, '苹果'), product(2, '桃子'), product(3, '双拼')],
    orders: [],
    ...changes,
  }
}

const refusal = (code: string, message: string, data = {}) => ({ error: { code, message, data, request_id: 'r' } })
const done: Answer = [201, { order: handedOver(9, { number: 'T900' }) }]

let calls: Call[]
let answers: { check: Answer[]; redeem: Answer[] }

/** Answers in turn; the last one stays. */
function next(list: Answer[]): Answer {
  const answer = list.length > 1 ? list.shift() : list[0]
  if (!answer) throw new Error('no answer was laid out')
  return answer
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  setActivePinia(createPinia())
  sessionStorage.clear()
  calls = []
  answers = { check: [[200, card()]], redeem: [done] }
  vi.spyOn(sound, 'unlockSound').mockImplementation(() => undefined)
  vi.spyOn(sound, 'playChime').mockImplementation(() => undefined)
  vi.spyOn(sound, 'playRefusal').mockImplementation(() => undefined)
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const request = input as Request
    const path = new URL(request.url).pathname
    calls.push({ path, key: request.headers.get('Idempotency-Key'), body: (await request.json()) as Call['body'] })
    const answer = next(path.endsWith('/check') ? answers.check : answers.redeem)
    if (answer === 'lost') throw new TypeError('Failed to fetch')
    return new Response(JSON.stringify(answer[1]), { status: answer[0], headers: { 'Content-Type': 'application/json' } })
  })
})
afterEach(() => vi.useRealTimers())

async function show() {
  useSession().me = { merchant: { id: 1, name: '果园', slug: 'demo' }, staff: { id: 5, name: '小王', permissions: ['redeeming', 'orders'] }, storefront_url: '' } as never
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { template: '<i />' } }, { path: '/orders', name: 'orders', component: { template: '<i />' } }] })
  const page = mount(CounterPage, { attachTo: document.body, global: { plugins: [router, [VueQueryPlugin, { queryClient: new QueryClient() }]] } })
  await flushPromises()
  const focused = () => document.activeElement as HTMLInputElement
  /** Keys go where the focus is, as on a real keyboard. */
  async function press(key: string, more: KeyboardEventInit = {}) {
    const at = focused()
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
    at.dispatchEvent(event)
    if (!event.defaultPrevented && key.length === 1 && at.tagName === 'INPUT' && at.type === 'text') {
      at.value += key
      at.dispatchEvent(new Event('input', { bubbles: true }))
    }
    await flushPromises()
  }
  async function type(text: string) {
    for (const key of text) await press(key)
  }
  /** What a scanner does: all its letters, then Enter. */
  const scan = async (text: string) => {
    await type(text)
    await press('Enter')
  }
  const look = async (number = 'A588', password = '1234567890') => {
    await scan(number)
    await scan(password)
    vi.advanceTimersByTime(SETTLE_MS)
  }
  const redemptions = () => calls.filter((one) => one.path.endsWith('/redemptions'))
  return { page, focused, press, type, scan, look, redemptions, text: () => page.text() }
}

describe('到店提货', () => {
  it('goes from number to done by the keyboard alone, and on to the next card', async () => {
    const t = await show()
    expect(t.focused().placeholder).toContain('卡号')
    await t.scan('a588')
    expect(t.focused().placeholder).toContain('密码')
    expect(calls).toEqual([])
    await t.scan('1234567890')
    expect(calls).toEqual([{ path: '/api/m/counter/check', key: null, body: { number: 'a588', password: '1234567890' } }])
    expect(t.text()).toContain('388 卡')
    expect(t.text()).toContain('¥388')
    expect(t.text()).toContain('至 2027-01-31')
    vi.advanceTimersByTime(SETTLE_MS)
    await t.press('2')
    await t.press('ArrowDown')
    await t.press('Enter')
    expect(t.redemptions().map((one) => one.body)).toEqual([{ number: 'A588', password: '1234567890', product_id: 3, remark: '' }])
    expect(t.redemptions()[0]?.key).toMatch(/^[0-9a-f]{36}$/)
    expect(t.text()).toContain('提货成功')
    expect(t.text()).toContain('T900')
    expect(sound.playChime).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(SETTLE_MS)
    await t.press('Enter')
    expect(t.focused().placeholder).toContain('卡号')
    expect(t.focused().value).toBe('')
    await t.press('Enter')
    expect(t.text()).toContain('请输入或扫描卡号')
  })

  it('takes the number out of the card’s link, wherever the focus is', async () => {
    const t = await show()
    await t.scan('https://shop.example.com/c/demo/A588')
    expect(t.page.findAll('input').map((one) => one.element.value)).toEqual(['A588', ''])
    await t.scan('https://shop.example.com/c/demo/A599')
    expect(t.page.findAll('input').map((one) => one.element.value)).toEqual(['A599', ''])
    expect(t.focused().placeholder).toContain('密码')
    expect(calls).toEqual([])
  })

  it('refuses another shop’s card in words, and the next scan takes its place', async () => {
    const t = await show()
    await t.scan('https://shop.example.com/c/other/A588')
    expect(t.page.get('[role=alert]').text()).toBe('这是另一家商户的卡，不能在这里提货')
    expect(sound.playRefusal).toHaveBeenCalledTimes(1)
    expect(calls).toEqual([])
    const box = t.focused()
    expect([box.selectionStart, box.selectionEnd]).toEqual([0, box.value.length])
  })

  it('asks for the product where there are several, and chooses the only one by itself', async () => {
    const t = await show()
    await t.look()
    await t.press('Enter')
    expect(t.page.get('[role=alert]').text()).toContain('请先选择要提的商品')
    expect(t.redemptions()).toEqual([])
    await t.press('Escape')
    answers.check = [[200, card({ products: [product(7, '礼盒')] })]]
    await t.look()
    await t.press('Enter')
    expect(t.redemptions().map((one) => one.body.product_id)).toEqual([7])
  })

  it('sends once for two Enters, and never skips a screen by the second one', async () => {
    answers.check = [[200, card({ products: [product(7, '礼盒')] })]]
    const t = await show()
    await t.scan('A588')
    await t.type('1234567890')
    void t.press('Enter')
    await t.press('Enter')
    await t.press('Enter')
    expect(calls.map((one) => one.path)).toEqual(['/api/m/counter/check'])
    expect(t.text()).toContain('388 卡')
    vi.advanceTimersByTime(SETTLE_MS)
    void t.press('Enter')
    await t.press('Enter')
    await t.press('Enter')
    expect(t.redemptions()).toHaveLength(1)
    expect(t.text()).toContain('提货成功')
  })

  it('sends a lost answer’s request again with the same key, and lets nothing be changed meanwhile', async () => {
    answers.redeem = ['lost', [502, 'bad gateway'], done]
    const t = await show()
    await t.look()
    await t.press('1')
    await t.press('Enter')
    expect(t.page.get('[role=alert]').text()).toContain('不知道这次提货成功没有')
    expect(t.page.find('input[type=radio]').exists()).toBe(false)
    await t.press('2')
    await t.press('Enter')
    await t.press('Enter')
    expect(t.text()).toContain('提货成功')
    const sent = t.redemptions()
    expect(sent).toHaveLength(3)
    expect(new Set(sent.map((one) => one.key)).size).toBe(1)
    expect(new Set(sent.map((one) => JSON.stringify(one.body))).size).toBe(1)
    expect(sessionStorage.length).toBe(0)
  })

  it('remembers a lost answer through a reload, without the password', async () => {
    answers.redeem = ['lost']
    const before = await show()
    await before.look()
    await before.press('2')
    await before.press('Enter')
    const key = before.redemptions()[0]?.key
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('1234567890')
    before.page.unmount()
    // It had been done: the card is used up, and the same key still gives its order.
    answers = { check: [[200, card({ state: 'redeemed', message: '这张卡已经提过货了', products: [], uses_left: 0 })]], redeem: [done] }
    const after = await show()
    await after.look()
    expect(after.text()).toContain('不知道这次提货成功没有')
    expect(after.text()).toContain('桃子')
    await after.press('Enter')
    expect(after.text()).toContain('提货成功')
    expect(after.redemptions().map((one) => [one.key, one.body.product_id])).toEqual([[key, 2], [key, 2]])
  })

  it('gives each try of its own a key of its own', async () => {
    answers.redeem = [[409, refusal('product_not_available', '所选商品已下架，请重新选择')], done]
    answers.check = [[200, card()], [200, card({ products: [product(1, '苹果'), product(2, '桃子')] })]]
    const t = await show()
    await t.look()
    await t.press('3')
    await t.press('Enter')
    expect(t.page.get('[role=alert]').text()).toContain('已下架')
    expect(t.page.findAll('input[type=radio]')).toHaveLength(2)
    await t.press('1')
    await t.press('Enter')
    const [first, second] = t.redemptions()
    expect(t.redemptions()).toHaveLength(2)
    expect(first?.key).not.toBe(second?.key)
  })

  it('shows a card that cannot be redeemed and why, and goes on with Enter', async () => {
    answers.check = [[200, card({ state: 'void', message: '这张卡已作废，请联系售卡商家', products: [] })]]
    const t = await show()
    await t.look()
    expect(t.page.get('[role=alert]').text()).toBe('这张卡已作废，请联系售卡商家')
    expect(sound.playRefusal).toHaveBeenCalledTimes(1)
    await t.press('Enter')
    expect(t.focused().placeholder).toContain('卡号')
    expect(t.redemptions()).toEqual([])
  })

  it('keeps number and password after a wrong one, ready to be typed over', async () => {
    answers.check = [[403, refusal('card_or_password_wrong', '卡号或密码不正确，请核对后重试')]]
    const t = await show()
    await t.look()
    expect(t.page.get('[role=alert]').text()).toContain('卡号或密码不正确')
    expect(t.focused().placeholder).toContain('密码')
    expect([t.focused().selectionStart, t.focused().selectionEnd]).toEqual([0, 10])
    expect(t.page.findAll('input').map((one) => one.element.value)).toEqual(['A588', '1234567890'])
  })

  it('counts a pause down, sends nothing in it, and lets another card be tried', async () => {
    answers.check = [[429, refusal('too_many_tries', '输错次数过多，请在 2 分钟后再试', { retry_after: 90 })], [200, card()]]
    const t = await show()
    await t.look()
    expect(t.page.get('[role=alert]').text()).toContain('1:30')
    vi.advanceTimersByTime(30_000)
    await flushPromises()
    expect(t.page.get('[role=alert]').text()).toContain('1:00')
    t.page.findAll('input')[1]?.element.focus()
    await t.press('Enter')
    expect(calls).toHaveLength(1)
    vi.advanceTimersByTime(60_000)
    await flushPromises()
    expect(t.page.get('[role=alert]').text()).toBe('')
    await t.press('Enter')
    expect(calls).toHaveLength(2)
  })

  it('lifts the pause for another number', async () => {
    answers.check = [[429, refusal('too_many_tries', '输错次数过多', { retry_after: 600 })], [200, card()]]
    const t = await show()
    await t.look()
    await t.page.findAll('input')[0]?.setValue('B77')
    t.page.findAll('input')[1]?.element.focus()
    await t.press('Enter')
    expect(calls.map((one) => one.body.number)).toEqual(['A588', 'B77'])
  })

  it('does not take a card scanned over another one for a yes', async () => {
    const t = await show()
    await t.look()
    const time = vi.spyOn(Event.prototype, 'timeStamp', 'get').mockReturnValue(1000)
    await t.press('2')
    time.mockReturnValue(5000)
    await t.scan('A58800000003')
    expect(t.page.get('[role=alert]').text()).toContain('扫到了另一张卡')
    expect(t.redemptions()).toEqual([])
    expect(t.page.get<HTMLInputElement>('input[data-product="2"]').element.checked).toBe(true)
  })

  it('begins the next card with its first letter once one is done', async () => {
    const t = await show()
    await t.look()
    await t.press('1')
    await t.press('Enter')
    expect(t.text()).toContain('提货成功')
    await t.scan('https://shop.example.com/c/demo/A600')
    expect(t.page.findAll('input').map((one) => one.element.value)).toEqual(['A600', ''])
  })

  it('is quiet where the account has the sound off', async () => {
    localStorage.setItem('tihuo:sound', 'off')
    setActivePinia(createPinia())
    answers.check = [[403, refusal('card_or_password_wrong', '卡号或密码不正确')]]
    const t = await show()
    await t.look()
    expect(sound.playRefusal).not.toHaveBeenCalled()
    localStorage.clear()
  })
})
