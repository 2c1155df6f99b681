import type { PickupSettings } from '@/api/types'
import AppointmentsForm from '@/pages/settings/AppointmentsForm.vue'
import PickupForm from '@/pages/settings/PickupForm.vue'
import SettingsPage from '@/pages/settings/SettingsPage.vue'
import StorefrontForm from '@/pages/settings/StorefrontForm.vue'
import { routes } from '@/router'
import { useSession } from '@/session/store'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { serve, type Sent } from '../cards/serve'
import { look, pickup, rule } from './look'

beforeEach(() => {
  sessionStorage.clear()
  // jsdom lays nothing out.
  Element.prototype.scrollIntoView = () => undefined
  setActivePinia(createPinia())
  useSession().me = { staff: { id: 1, name: '店主', permissions: ['settings', 'orders'] } } as never
})

const global = () => ({ plugins: [[VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }]] }) as never
const put = (sent: Sent[]) => sent.filter((one) => one.method === 'PUT')
const submit = async (page: VueWrapper) => {
  await page.find('form').trigger('submit')
  await flushPromises()
}
/** Which field each sentence stands next to; they come with a short delay. */
async function refused(page: VueWrapper): Promise<string[][]> {
  const wrong = () => page.findAll('.el-form-item').filter((one) => one.find('.el-form-item__error').exists())
  await vi.waitFor(() => expect(wrong().length).toBeGreaterThan(0))
  return wrong().map((one) => [one.find('.el-form-item__label').text(), one.find('.el-form-item__error').text()])
}
const refusal = (...fields: [string, string][]): [number, unknown] => [
  422,
  { error: { code: 'invalid_request', message: fields[0]?.[1], data: { fields: fields.map(([field, message]) => ({ field, code: 'value_error', message })) }, request_id: 'r' } },
]

describe('the storefront form', () => {
  const show = (answer: (one: Sent) => [number, unknown], settings = look()) => {
    const sent = serve(answer)
    return { page: mount(StorefrontForm, { props: { settings }, global: global() }), sent }
  }
  const echo = (one: Sent): [number, unknown] => [200, { ...look(), ...(one.body as object) }]

  it('sends everything, trimmed, and takes what comes back as saved', async () => {
    const { page, sent } = show(echo)
    expect(page.text()).toContain('没有未保存的修改')
    await page.find('[placeholder^="例如：果园"]').setValue('  新名字 ')
    await page.find('[aria-label="页面底色代码"]').setValue('#fff7e8')
    await page.find('[placeholder^="例如：礼盒按"]').setValue('以实际发货为准')
    await page.find('[placeholder^="https"]').setValue('https://shop.example.com')
    await page.find('[placeholder^="例如：每天"]').setValue('9 点到 6 点')
    expect(page.text()).toContain('有未保存的修改')
    await submit(page)
    expect(put(sent).map((one) => [one.path, one.body])).toEqual([
      [
        '/api/m/settings/storefront',
        {
          name: '新名字',
          logo_key: null,
          banner_key: null,
          theme_color: '#07C160',
          page_color: '#FFF7E8',
          welcome: '',
          announcement: '',
          contact_phone: '',
          contact_hours: '9 点到 6 点',
          contact_wechat: '',
          jump_url: 'https://shop.example.com',
          texts: { enter: '', choose: '以实际发货为准', form: '', confirm: '', done: '' },
        },
      ],
    ])
    expect(sessionStorage.length).toBe(0)
  })

  it('puts each refusal next to its field, a text within its step as well, and keeps what was typed', async () => {
    const { page } = show(() => refusal(['texts.done', '提货成功页说明最多 200 个字'], ['contact_phone', '联系电话：只能含数字']))
    await page.find('[placeholder^="商家会尽快"]').setValue('好')
    await submit(page)
    expect(await refused(page)).toEqual([
      ['客服电话', '联系电话：只能含数字'],
      ['提货成功页', '提货成功页说明最多 200 个字'],
    ])
    expect(page.find('[role="alert"]').text()).toContain('提货成功页说明最多 200 个字')
    expect((page.find('[placeholder^="商家会尽快"]').element as HTMLTextAreaElement).value).toBe('好')
  })

  it('asks the server nothing while the address could run in a page', async () => {
    const { page, sent } = show(echo)
    await page.find('[placeholder^="https"]').setValue('javascript:alert(1)')
    expect(page.text()).toContain('只能是 http:// 或 https:// 开头的网址')
    await submit(page)
    expect(put(sent)).toEqual([])
  })

  it('saves with Ctrl+S and ⌘S, once at a time, and not after it is gone', async () => {
    const { page, sent } = show(echo)
    const press = (init: KeyboardEventInit) => {
      const event = new KeyboardEvent('keydown', { key: 's', cancelable: true, ...init })
      document.dispatchEvent(event)
      return event.defaultPrevented
    }
    expect(press({ ctrlKey: true })).toBe(true)
    press({ metaKey: true })
    await flushPromises()
    expect(put(sent)).toHaveLength(1)
    expect(press({})).toBe(false)
    page.unmount()
    expect(press({ ctrlKey: true })).toBe(false)
    expect(put(sent)).toHaveLength(1)
  })

  it('keeps a draft through leaving, and throws it away on request', async () => {
    const first = show(echo).page
    await first.find('[placeholder^="例如：果园"]').setValue('半途')
    await flushPromises()
    first.unmount()
    const second = show(echo).page
    expect((second.find('[placeholder^="例如：果园"]').element as HTMLInputElement).value).toBe('半途')
    expect(second.text()).toContain('已恢复上次没有保存的内容')
    await second.findAll('button').find((one) => one.text() === '放弃修改')?.trigger('click')
    expect((second.find('[placeholder^="例如：果园"]').element as HTMLInputElement).value).toBe('果园提货中心')
    await flushPromises()
    second.unmount()
    expect(show(echo).page.text()).not.toContain('已恢复上次没有保存的内容')
  })

  it('keeps no draft of what was taken back', async () => {
    const { page } = show(echo)
    await page.find('[placeholder^="例如：果园"]').setValue('别的')
    expect(sessionStorage.length).toBe(1)
    await page.find('[placeholder^="例如：果园"]').setValue('果园提货中心')
    await flushPromises()
    expect(sessionStorage.length).toBe(0)
  })

  it('shows the step that is being written, and any that is asked for', async () => {
    const { page } = show(echo)
    const step = () => page.find('.front').attributes('data-step')
    expect(step()).toBe('enter')
    const field = page.find('[placeholder^="例如：礼盒按"]')
    await field.setValue('以实际发货为准')
    await field.trigger('focusin')
    expect(step()).toBe('choose')
    expect(page.find('.front').text()).toContain('以实际发货为准')
    await page.findAll('.steps button').find((one) => one.text() === '暂停')?.trigger('click')
    expect(step()).toBe('closed')
  })

  it('gives the contrast in figures and words, by the colours as they stand', async () => {
    const { page } = show(echo)
    expect(page.text()).toContain('2.3 : 1 不合格')
    await page.find('[aria-label="主题颜色代码"]').setValue('#A0201A')
    expect(page.text()).not.toContain('不合格')
    await page.find('[aria-label="主题颜色代码"]').setValue('#A02')
    expect(page.text()).toContain('请写成 # 加六位')
  })
})

describe('the pickup form', () => {
  const show = (settings: PickupSettings = pickup(), answer: (one: Sent) => [number, unknown] = (one) => [200, { ...pickup(), ...(one.body as object), undeliverable: settings.undeliverable }]) => {
    const sent = serve(answer)
    return { page: mount(PickupForm, { props: { settings, look: look() }, global: global() }), sent }
  }

  it('says and shows at once what a pause would do', async () => {
    const { page, sent } = show()
    expect(page.find('.now').text()).toContain('可以提货')
    await page.find('input[aria-label="暂停提货"]').trigger('click')
    await flushPromises()
    expect(page.find('.now').text()).toContain('不能提货')
    expect(page.find('.now').text()).toContain('现在实际可以提货')
    expect(page.find('.front').text()).toContain('提货暂停中，请稍后再来。')
    await page.find('[placeholder^="不填就显示"]').setValue(' 春节放假 ')
    await submit(page)
    expect(put(sent)).toMatchObject([{ path: '/api/m/settings/pickup', body: { open: true, paused: true, pause_notice: '春节放假', resumes_on: null } }])
  })

  it('sends areas as codes', async () => {
    const { page, sent } = show(pickup({ undeliverable: [{ code: '650000', name: '新疆维吾尔自治区' }, { code: '540000', name: '西藏自治区' }] }))
    expect(page.text()).toContain('新疆维吾尔自治区')
    await page.find('.areas .el-tag__close').trigger('click')
    await page.find('[placeholder^="例如：冷链"]').setValue('冷链到不了')
    await submit(page)
    expect(put(sent)).toMatchObject([{ body: { undeliverable: ['540000'], undeliverable_note: '冷链到不了', address_correction: true, date_correction: true } }])
  })

  it('shows a refusal of a field that is folded away', async () => {
    const { page } = show(pickup(), () => refusal(['closed_notice', '关闭说明最多 500 个字']))
    expect(page.text()).not.toContain('关闭说明')
    await submit(page)
    expect(await refused(page)).toEqual([['关闭说明', '关闭说明最多 500 个字']])
  })
})

describe('the appointments form', () => {
  const DAYS = { mode: 'window', required: false, note: '', nearest: '2026-12-01', days: [{ day: '2026-12-01', open: true, fullness: 37, reason: null }] }

  function answers(save: (one: Sent) => [number, unknown] = (one) => [200, one.body]) {
    return (one: Sent): [number, unknown] => {
      if (one.path.endsWith('/preview')) return [200, { ...DAYS, mode: (one.body as { rule: { mode: string } }).rule.mode }]
      if (one.path === '/api/m/products') return [200, { items: [{ id: 3, name: '苹果礼盒', on_shelf: true }], next: null }]
      if (one.path === '/api/m/appointments') return [200, { items: [{ day: '2026-12-01', taken: 37, quota: 100, products: [{ product_id: 3, name: '苹果礼盒', taken: 37, quota: null }] }] }]
      return save(one)
    }
  }

  async function show(settings = rule(), save?: (one: Sent) => [number, unknown]) {
    const sent = serve(answers(save))
    const page = mount(AppointmentsForm, { props: { settings }, global: global() })
    await flushPromises()
    return { page, sent }
  }
  const previews = (sent: Sent[]) => sent.filter((one) => one.path.endsWith('/preview')).map((one) => one.body as { rule: Record<string, unknown>; product_id: unknown })
  const press = async (page: VueWrapper, words: string) => {
    await page.findAll('button').find((one) => one.text().startsWith(words))?.trigger('click')
    await flushPromises()
  }

  it('begins with a preset, asks the server for its days without saving, and saves it', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const { page, sent } = await show()
    expect(page.text()).toContain('不用预约：顾客看不到日历')
    await press(page, '明天起 15 天内')
    expect(previews(sent)).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(400)
    await flushPromises()
    expect(previews(sent)).toHaveLength(2)
    expect(previews(sent)[1]).toMatchObject({ product_id: null, rule: { mode: 'window', earliest_days: 1, latest_days: 15, quota: 100 } })
    expect(page.text()).toContain('最近可选 12月1日（周二），共 1 天可选')
    expect(put(sent)).toEqual([])
    await submit(page)
    expect(put(sent)).toMatchObject([{ path: '/api/m/settings/appointments', body: { mode: 'window', latest_days: 15, quota: 100, weekdays: [1, 2, 3, 4, 5, 6, 7], cutoff: null } }])
    vi.useRealTimers()
  })

  it('asks once for a figure that is typed digit by digit', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const { page, sent } = await show(rule({ mode: 'window' }))
    for (const digits of ['2', '25', '250']) {
      await page.find('input[aria-label="全店每日限量"]').setValue(digits)
      await vi.advanceTimersByTimeAsync(100)
    }
    await vi.advanceTimersByTimeAsync(400)
    await flushPromises()
    expect(previews(sent).map((one) => one.rule['quota'])).toEqual([null, 250])
    vi.useRealTimers()
  })

  it('refuses a row that is half filled, and drops one that is empty', async () => {
    const { page, sent } = await show(rule({ mode: 'window', product_quotas: [{ product_id: 3, quota: 5 }] }))
    await press(page, '添加商品限量')
    await press(page, '添加休息日期')
    await page.find('input[aria-label="第 2 项每日限量"]').setValue('7')
    await submit(page)
    expect(put(sent)).toEqual([])
    expect(page.text()).toContain('有未保存的修改')
    expect(await refused(page)).toEqual([['单个商品每日限量', '第 2 项还没有选商品，请补上或删除这一项']])
    await page.find('[aria-label="删除第 2 项商品限量"]').trigger('click')
    await submit(page)
    expect(put(sent)).toMatchObject([{ body: { product_quotas: [{ product_id: 3, quota: 5 }], closed_dates: [] } }])
  })

  it('puts the refusal of one item next to its list', async () => {
    const { page } = await show(rule({ mode: 'window', closed_dates: [{ first: '2027-02-09', last: '2027-02-01' }] }), () => refusal(['closed_dates.0.last', '休息日期第 1 项结束日期：不能早于开始日期']))
    await submit(page)
    expect(await refused(page)).toEqual([['休息日期', '休息日期第 1 项结束日期：不能早于开始日期']])
  })

  it('shows how full the days are, product by product, to those who may see orders', async () => {
    const { page } = await show()
    expect(page.text()).toContain('37 / 100')
    await press(page, '12月1日')
    expect(page.text()).toContain('苹果礼盒37 单')
    useSession().me = { staff: { id: 2, name: '小王', permissions: ['settings'] } } as never
    const { page: other, sent } = await show()
    expect(other.text()).not.toContain('接下来')
    expect(sent.some((one) => one.path === '/api/m/appointments')).toBe(false)
  })
})

describe('the settings page', () => {
  it('has an address for each section, and begins with the storefront', async () => {
    const answers: Record<string, unknown> = {
      '/api/m/settings/storefront': look(),
      '/api/m/settings/pickup': pickup(),
      '/api/m/settings/appointments': rule(),
      '/api/m/settings/appointments/preview': { mode: 'none', required: false, note: '', days: [], nearest: null },
      '/api/m/appointments': { items: [] },
      '/api/m/products': { items: [], next: null },
    }
    serve((one) => [200, answers[one.path]])
    const children = routes.find((route) => route.path === '/')?.children?.filter((route) => route.path.startsWith('settings')) ?? []
    const router = createRouter({ history: createMemoryHistory(), routes: children.map((route) => ({ ...route, path: `/${route.path}` })) })
    await router.push('/settings')
    expect(router.currentRoute.value.path).toBe('/settings/storefront')
    const page = mount(SettingsPage, { global: { plugins: [router, [VueQueryPlugin, { queryClient: new QueryClient() }]] } as never })
    await vi.waitFor(() => expect(page.text()).toContain('名称与图片'))
    await router.push('/settings/pickup')
    await vi.waitFor(() => expect(page.text()).toContain('前台提货开关'))
    expect(page.find('nav [aria-current="page"]').text()).toBe('提货设置')
    await router.push('/settings/appointments')
    await vi.waitFor(() => expect(page.text()).toContain('顾客怎样选发货日期'))
  })
})
