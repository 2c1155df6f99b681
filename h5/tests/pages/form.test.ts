import { enableAutoUnmount, flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure, unreachable } from '../../src/api/failure'
import { card, december, fakeApi, receiver, split, storefront } from '../fixtures'
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

async function toCard(app: VueWrapper) {
  await app.get('#number').setValue('A58800000001')
  await app.get('#password').setValue('123')
  await submit(app)
}

async function toForm(fill = true) {
  const mounted = await mountApp(api)
  await toCard(mounted.app)
  await mounted.app.get('#pick-1').trigger('click')
  await settle()
  if (fill) Object.assign(mounted.redeem.draft.receiver, receiver)
  await settle()
  return mounted
}

function inDialog(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[role="dialog"] ${selector}`)
  if (!found) throw new Error(`no ${selector}`)
  return found
}

/** What a screen reader says; the year only in another one. */
function heard(element: HTMLElement): string {
  return (element.textContent ?? '').replace(/\s/g, '').replace(/^2026年/, '')
}

async function tap(element: HTMLElement) {
  element.click()
  await settle()
}

describe('the day to ship on', () => {
  beforeEach(() => { api.days.mockResolvedValue(december()) })

  it('is not asked where the shop takes none', async () => {
    api.days.mockResolvedValue(december({ mode: 'none', days: [], nearest: null, required: false }))
    const { app } = await toForm()
    expect(app.find('#ship-on').exists()).toBe(false)
    await submit(app)
    expect(app.get('h1').text()).toBe('核对信息')
  })

  it('is offered in one tap, and shown before it is sent', async () => {
    const { app, redeem } = await toForm()
    expect(app.get('#ship-on-note').text()).toBe('每天 18 点截单')
    expect(app.get('#nearest').text()).toMatch(/^最近可选 (2026年)?12月3日 周四$/)
    await submit(app)
    expect(app.get('#ship-on-error').text()).toBe('请选择预约发货日期')
    expect(app.get('#ship-on').attributes('aria-describedby')).toBe('ship-on-error ship-on-note')
    await app.get('#nearest').trigger('click')
    await settle()
    expect(redeem.draft.shipOn).toBe('2026-12-03')
    expect(app.find('#ship-on-error').exists()).toBe(false)
    expect(app.find('#nearest').exists()).toBe(false)
    await submit(app)
    expect(app.get('.lines').text()).toContain('12月3日 周四')
  })

  it('may be left open where the shop allows it', async () => {
    api.days.mockResolvedValue(december({ required: false }))
    const { app, redeem } = await toForm()
    expect(app.get('#ship-on').text()).toBe('尽快发货')
    await app.get('#nearest').trigger('click')
    await app.get('#soon').trigger('click')
    expect(redeem.draft.shipOn).toBeNull()
    await submit(app)
    expect(app.get('.lines').text()).toContain('尽快发货')
  })

  it('is picked from a calendar that says of each day how it stands', async () => {
    const { app, redeem } = await toForm()
    await app.get('#ship-on').trigger('click')
    await settle()
    const full = inDialog('[data-day="2026-12-02"]')
    expect(heard(full)).toBe('12月2日周三约满')
    expect(heard(inDialog('[data-day="2026-12-04"]'))).toBe('12月4日周五，可选，已约20%')
    expect(heard(inDialog('[data-day="2026-12-05"]'))).toBe('12月5日周六，这一天不发货')
    expect(full.getAttribute('aria-disabled')).toBe('true')
    const nearlyFull = inDialog('[data-day="2026-12-03"]')
    expect(heard(nearlyFull)).toBe('12月3日周四紧张，已约85%')
    expect(nearlyFull.querySelector<HTMLElement>('.day__taken')?.style.width).toBe('85%')
    expect(document.activeElement).toBe(nearlyFull)
    await tap(full)
    expect(inDialog('[role="status"]').textContent).toMatch(/12月2日 周三：已约满/)
    expect(redeem.draft.shipOn).toBeNull()
    await tap(inDialog('[data-day="2026-12-04"]'))
    await vi.waitFor(() => { expect(document.querySelector('[role="dialog"]')).toBeNull() })
    expect(redeem.draft.shipOn).toBe('2026-12-04')
    expect(app.get('#ship-on').text()).toContain('12月4日 周五')
  })

  it('is asked again for another region, and says that the chosen one is gone', async () => {
    const { app, redeem } = await toForm()
    redeem.draft.shipOn = '2026-12-03'
    api.days.mockResolvedValue(december({ nearest: '2026-12-04', days: [
      { day: '2026-12-03', open: false, fullness: null, reason: 'too_early' },
      { day: '2026-12-04', open: true, fullness: null, reason: null },
    ] }))
    redeem.draft.receiver.region_code = '650102'
    await settle()
    expect(api.days).toHaveBeenLastCalledWith(1, '650102')
    expect(app.get('#ship-on').text()).toContain('12月3日')
    expect(app.get('#ship-on-error').text()).toContain('12月3日 周四不能发货')
    expect(app.get('#nearest').text()).toContain('12月4日')
  })

  it('comes back with the next free one when somebody was quicker', async () => {
    const { app, redeem, router } = await toForm()
    redeem.draft.shipOn = '2026-12-03'
    redeem.draft.remark = '放门口'
    await settle()
    await submit(app)
    const days = december({ nearest: '2026-12-04', days: december().days.map((day) =>
      day.day === '2026-12-03' ? { ...day, open: false, reason: 'full' as const, fullness: 100 } : day) })
    api.redeem.mockRejectedValueOnce(new Failure('12月3日已约满，最近可选12月4日', 'day_full', true, [], 0, { days, nearest: days.nearest }))
    await submit(app)
    await vi.waitFor(() => { expect(router.current.value.page).toBe('form') })
    await settle()
    expect(app.get('#ship-on-error').text()).toBe('12月3日已约满，最近可选12月4日')
    expect(document.activeElement?.id).toBe('ship-on')
    expect((app.get('#remark').element as HTMLTextAreaElement).value).toBe('放门口')
    expect((app.get('#name').element as HTMLInputElement).value).toBe('张小明')
    await app.get('#nearest').trigger('click')
    await settle()
    await submit(app)
    await submit(app)
    expect(api.redeem.mock.calls[1]?.[0]).toMatchObject({ ship_on: '2026-12-04', remark: '放门口' })
    expect(api.redeem.mock.calls[0]?.[1]).not.toBe(api.redeem.mock.calls[1]?.[1])
  })

  it('can be loaded again after a lost connection', async () => {
    api.days.mockRejectedValue(unreachable())
    const { app } = await toForm()
    expect(app.get('.date').text()).toContain('网络不通')
    await submit(app)
    expect(app.get('h1').text()).toBe('填写收货信息')
    api.days.mockResolvedValue(december())
    await app.get('#days-retry').trigger('click')
    await settle()
    expect(app.find('#ship-on').exists()).toBe(true)
  })
})

describe('where nothing is sent', () => {
  const undeliverable = [{ code: '330000', name: '浙江省' }]

  it('is said with the products, on the form, and at the region', async () => {
    api.check.mockResolvedValue(card({
      products: card().products.map((one) => ({ ...one, undeliverable, undeliverable_note: '冷链不到' })),
    }))
    const { app } = await mountApp(api)
    await toCard(app)
    expect(app.get('.areas').text()).toContain('不发货地区：浙江省')
    expect(app.findAll('.areas')).toHaveLength(1)
    await app.get('#pick-1').trigger('click')
    await settle()
    expect(app.get('.areas').text()).toContain('冷链不到')
    expect(app.find('#region-error').exists()).toBe(false)
  })

  it('is said at each product where they differ, and as soon as the region is picked', async () => {
    const [first, ...rest] = card().products
    api.check.mockResolvedValue(card({ products: first ? [{ ...first, undeliverable }, ...rest] : [] }))
    const { app, redeem } = await mountApp(api)
    await toCard(app)
    expect(app.findAll('.item .areas')).toHaveLength(1)
    await app.get('#pick-1').trigger('click')
    await settle()
    Object.assign(redeem.draft.receiver, receiver)
    await settle()
    expect(app.get('#region-error').text()).toBe('抱歉，浙江省暂不发货，请更换收货地址')
    expect(app.get('#region').attributes('aria-describedby')).toBe('region-error')
    await submit(app)
    expect(app.get('h1').text()).toBe('填写收货信息')
  })
})

describe('a pasted address', () => {
  async function paste(app: VueWrapper, text = '王五 13900139000 深圳市南山区科技园 1 号') {
    await app.get('#paste-open').trigger('click')
    await app.get('#paste').setValue(text)
    await app.get('#paste-split').trigger('click')
    await settle()
  }

  it('is shown as it was read, and fills the form', async () => {
    api.split.mockResolvedValue(split({ unsure: ['district'], extension: '1234' }))
    const { app, redeem } = await toForm(false)
    await paste(app)
    expect(api.split).toHaveBeenCalledWith('王五 13900139000 深圳市南山区科技园 1 号')
    expect(app.get('.paste__lines').text()).toContain('请核对')
    expect(redeem.draft.receiver.name).toBe('')
    await app.get('#paste-fill').trigger('click')
    await settle()
    expect((app.get('#name').element as HTMLInputElement).value).toBe('王五')
    expect(app.get('#region').text()).toContain('南山区')
    expect((app.get('#address').element as HTMLTextAreaElement).value).toBe('科技园 1 号（电话转 1234）')
    expect(app.get('.paste__said').text()).toBe('已填入，请核对')
  })

  it('asks before it takes the place of what was typed', async () => {
    const { app, redeem } = await toForm()
    redeem.draft.receiver.address = ''
    await paste(app)
    expect(app.get('#paste-fill').text()).toBe('只填空白项')
    await app.get('#paste-fill').trigger('click')
    await settle()
    expect(redeem.draft.receiver).toMatchObject({ name: '张小明', address: '科技园 1 号' })
    await paste(app)
    await app.get('#paste-replace').trigger('click')
    await settle()
    expect(redeem.draft.receiver).toMatchObject({ name: '王五', region_code: '440305' })
  })

  it('says what went wrong, and keeps the text', async () => {
    api.split.mockRejectedValueOnce(unreachable())
    const { app } = await toForm(false)
    await paste(app)
    expect(app.get('#paste-error').text()).toContain('网络不通')
    expect((app.get('#paste').element as HTMLTextAreaElement).value).toContain('王五')
    api.split.mockResolvedValueOnce(split({ name: '', mobile: '', province: '', city: '', district: '', region_code: '', address: '' }))
    await app.get('#paste-split').trigger('click')
    await settle()
    expect(app.get('#paste-error').text()).toContain('没有识别到')
  })
})

describe('coming back tomorrow', () => {
  it('finds the form as it was, and can be cleared', async () => {
    const first = await toForm()
    await first.app.get('#remark').setValue('放门口')
    first.app.unmount()
    sessionStorage.clear()
    history.replaceState(null, '', '/c/demo')
    const { app, redeem } = await mountApp(api)
    expect(app.find('#forget-all').exists()).toBe(true)
    await toCard(app)
    await app.get('#go-on').trigger('click')
    await settle()
    expect(app.get('.restored').text()).toContain('已恢复上次填写的内容')
    expect((app.get('#name').element as HTMLInputElement).value).toBe('张小明')
    expect((app.get('#remark').element as HTMLTextAreaElement).value).toBe('放门口')
    await app.get('#forget').trigger('click')
    expect((app.get('#name').element as HTMLInputElement).value).toBe('')
    expect(redeem.remembers.value).toBe(false)
    expect(app.find('.restored').exists()).toBe(false)
  })
})

describe("the merchant's words", () => {
  it('stand at each step, in the place of our own', async () => {
    api.storefront.mockResolvedValue(storefront)
    const { app, redeem } = await mountApp(api)
    redeem.storefront.value = {
      ...storefront, announcement: '春节停发', contact_hours: '9:00–18:00', contact_wechat: 'guoyuan',
      texts: { enter: '刮开涂层', choose: '任选一款', form: '写清门牌', confirm: '再看一眼', done: '多谢' },
    }
    await settle()
    expect(app.get('.announcement').text()).toContain('春节停发')
    expect(app.get('.step').text()).toBe('刮开涂层')
    expect(app.get('.footer').text()).toContain('服务时间：9:00–18:00')
    expect(app.get('#copy-wechat').attributes('aria-label')).toContain('客服微信')
    await toCard(app)
    expect(app.get('.step').text()).toBe('任选一款')
    await app.get('#pick-1').trigger('click')
    await settle()
    expect(app.get('.step').text()).toBe('写清门牌')
    Object.assign(redeem.draft.receiver, receiver)
    await submit(app)
    expect(app.get('.step').text()).toBe('再看一眼')
    expect(app.text()).not.toContain('请仔细核对')
    await submit(app)
    await vi.waitFor(() => { expect(app.get('.step').text()).toBe('多谢') })
  })

  it('are read instead of the products while the storefront is closed', async () => {
    api.check.mockResolvedValue(card({ open: false, message: '春节休息，初八再来', products: [] }))
    const { app } = await mountApp(api)
    await toCard(app)
    expect(app.text()).toContain('春节休息，初八再来')
    expect(app.find('#products-title').exists()).toBe(false)
    expect(app.get('.face').text()).toContain('A58800000001')
  })
})

describe('a captcha', () => {
  it('comes up where it is wanted, and goes along', async () => {
    api.check.mockRejectedValueOnce(new Failure('请输入图形验证码', 'captcha_needed', false))
    const { app } = await mountApp(api)
    await toCard(app)
    expect(app.get('#captcha-error').text()).toBe('请输入图形验证码')
    expect(app.get('#captcha-refresh img').attributes('src')).toBe('data:image/png;base64,AA==')
    expect(document.activeElement?.id).toBe('captcha')
    expect((app.get('#password').element as HTMLInputElement).value).toBe('123')
    await app.get('#captcha-refresh').trigger('click')
    await settle()
    expect(api.captcha).toHaveBeenCalledTimes(2)
    await app.get('#captcha').setValue('ab12')
    await submit(app)
    expect(app.get('h1').text()).toBe('选择商品')
    expect(api.check.mock.calls[1]?.[0].captcha).toEqual({ id: 'c1', answer: 'ab12' })
  })

  it('comes up on the last page too', async () => {
    const { app } = await toForm()
    await submit(app)
    api.redeem.mockRejectedValueOnce(new Failure('请输入图形验证码', 'captcha_needed', false))
    await submit(app)
    expect(app.get('h1').text()).toBe('核对信息')
    await app.get('#captcha').setValue('ab12')
    await submit(app)
    await vi.waitFor(() => { expect(app.get('h1').text()).toBe('提货成功') })
    expect(api.redeem.mock.calls[0]?.[1]).toBe(api.redeem.mock.calls[1]?.[1])
  })
})

describe('too many tries', () => {
  it('says until when', async () => {
    vi.useFakeTimers({ now: new Date(2026, 10, 24, 14, 0), toFake: ['Date'] })
    api.check.mockRejectedValue(new Failure('输错次数过多，请在 5 分钟后再试', 'too_many_tries', false, [], 300))
    const { app } = await mountApp(api)
    await toCard(app)
    expect(app.get('.notice__when').text()).toContain('14:05 以后可以再试')
    expect(app.get('#submit').text()).toBe('请等 5 分钟')
    vi.useRealTimers()
  })
})
