import { formOf, presetsOn, problemsOf, ruleOf, tidied } from '@/pages/settings/rule'
import { offerWords, wordsOf } from '@/pages/settings/ruleWords'
import { plusDays } from '@/pages/settings/today'
import { describe, expect, it } from 'vitest'
import { rule } from './look'

const full = rule({
  mode: 'window',
  required: true,
  cutoff: '17:30',
  first: '2026-12-01',
  last: '2026-12-31',
  closed_dates: [{ first: '2027-02-05', last: '2027-02-12' }],
  extra_dates: ['2026-12-06'],
  weekdays: [1, 2, 3, 4, 5],
  quota: 100,
  product_quotas: [{ product_id: 3, quota: 20 }],
  product_lead_days: [{ product_id: 3, days: 2 }],
  region_lead_days: [{ code: '650000', days: 5 }],
  note: '日期为发货日期',
})

describe('the rule as a form', () => {
  it('comes back as it was', () => {
    expect(ruleOf(formOf(full))).toEqual(full)
    expect(ruleOf(formOf(rule()))).toEqual(rule())
  })

  it('sends nothing that is half filled, a single day as a span, weekdays and days in order', () => {
    const form = formOf(rule({ mode: 'window' }))
    form.weekdays = [7, 1, 3]
    form.extra_dates = ['2026-12-09', '2026-12-06', '2026-12-09']
    form.closed_dates = [{ first: '2027-01-01', last: null }, { first: null, last: null }]
    form.product_quotas = [{ product_id: 3, value: null }]
    form.region_lead_days = [{ code: null, value: 4 }]
    expect(ruleOf(form)).toMatchObject({
      weekdays: [1, 3, 7],
      extra_dates: ['2026-12-06', '2026-12-09'],
      closed_dates: [{ first: '2027-01-01', last: '2027-01-01' }],
      product_quotas: [],
      region_lead_days: [],
    })
  })

  it('says which row is half filled instead of losing it', () => {
    const form = formOf(rule({ mode: 'window' }))
    form.product_quotas = [{ product_id: 3, value: 5 }, { product_id: 4, value: null }]
    form.region_lead_days = [{ code: null, value: 4 }]
    form.latest_days = null
    expect(problemsOf(form)).toEqual({
      product_quotas: '第 2 项还没有填每日限量，请补上或删除这一项',
      region_lead_days: '第 1 项还没有选地区，请补上或删除这一项',
      latest_days: '请填写最晚天数',
    })
    expect(problemsOf(formOf(full))).toEqual({})
  })

  it('drops rows that nobody filled', () => {
    const form = formOf(full)
    form.product_quotas.unshift({ product_id: null, value: null })
    form.closed_dates.push({ first: null, last: null })
    expect(tidied(form)).toEqual(formOf(full))
  })
})

describe('presets', () => {
  const on = (day: string) => presetsOn(day).map((preset) => ({ ...formOf(rule()), ...preset.values }))

  it('make rules that are complete', () => {
    for (const form of on('2026-11-24')) expect(problemsOf(form)).toEqual({})
    const [window, range, spring] = on('2026-11-24').map(ruleOf)
    expect(window).toMatchObject({ mode: 'window', earliest_days: 1, latest_days: 15, quota: 100 })
    expect(range).toMatchObject({ mode: 'range', first: '2026-11-25', last: '2026-12-24' })
    // New Year's Day is 6 February 2027, its eve the 5th.
    expect(spring).toMatchObject({ mode: 'range', first: '2026-11-25', last: '2027-02-04' })
  })

  it('offer the next festival once this one begins, and none that leaves no day', () => {
    expect(presetsOn('2027-02-06').at(-1)?.values.last).toBe('2028-01-24')
    expect(presetsOn('2027-02-04').map((preset) => preset.name)).not.toContain('春节前每天')
  })
})

describe('the rule in words', () => {
  it('says what customers meet', () => {
    expect(wordsOf(formOf(full))).toEqual([
      '能选明天到 30 天后的日期，每过一天往后移一天。',
      '17:30 起，今天算过完了，从明天算起。',
      '周六、日不发货。',
      '每天最多 100 单，约满的日期不能再选，并告诉顾客最近哪天有空。',
      '不选日期不能提货。',
    ])
    expect(wordsOf(formOf(rule()))).toEqual(['顾客不选日期，订单按下单先后尽快发货。'])
    expect(wordsOf(formOf(rule({ mode: 'window', earliest_days: 3, latest_days: 2 })))[0]).toBe('最晚天数比最早天数小，没有日期可选。')
    expect(wordsOf(formOf(rule({ mode: 'range' })))[0]).toBe('请选择开始和结束日期。')
    expect(wordsOf(formOf(rule({ mode: 'window', weekdays: [] })))).toContain('一周七天都不发货，只有额外开放日期能选。')
  })

  it('says of each day whether and why', () => {
    expect(offerWords({ day: '2026-11-30', open: true, fullness: null, reason: null })).toBe('11月30日（周一）：可以选')
    expect(offerWords({ day: '2026-11-29', open: false, fullness: null, reason: 'weekday' })).toBe('11月29日（周日）：这个星期几不发货')
  })

  it('counts days over the ends of months and in leap years', () => {
    expect(plusDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(plusDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(plusDays('2027-03-01', -1)).toBe('2027-02-28')
  })
})
