/** The appointment rule as a form: rows may be half filled, days missing. */
import type { AppointmentRule, AppointmentRuleIn } from '@/api/types'
import { plusDays } from './today'

export interface ProductRow {
  product_id: number | null
  value: number | null
}

export interface RegionRow {
  code: string | null
  value: number | null
}

export interface SpanRow {
  first: string | null
  last: string | null
}

export interface RuleForm {
  mode: AppointmentRule['mode']
  required: boolean
  earliest_days: number | null
  latest_days: number | null
  cutoff: string
  first: string | null
  last: string | null
  closed_dates: SpanRow[]
  extra_dates: string[]
  weekdays: number[]
  quota: number | null
  product_quotas: ProductRow[]
  product_lead_days: ProductRow[]
  region_lead_days: RegionRow[]
  note: string
}

export function formOf(rule: AppointmentRule): RuleForm {
  return {
    ...rule,
    cutoff: rule.cutoff ?? '',
    closed_dates: rule.closed_dates.map((span) => ({ ...span })),
    extra_dates: [...rule.extra_dates],
    weekdays: [...rule.weekdays],
    product_quotas: rule.product_quotas.map((one) => ({ product_id: one.product_id, value: one.quota })),
    product_lead_days: rule.product_lead_days.map((one) => ({ product_id: one.product_id, value: one.days })),
    region_lead_days: rule.region_lead_days.map((one) => ({ code: one.code, value: one.days })),
  }
}

/** What is complete of the form: what is sent, and what the calendar beside it is asked with. */
export function ruleOf(form: RuleForm): AppointmentRuleIn {
  return {
    mode: form.mode,
    required: form.required,
    earliest_days: form.earliest_days ?? 0,
    latest_days: form.latest_days ?? 0,
    cutoff: form.cutoff || null,
    first: form.first || null,
    last: form.last || null,
    closed_dates: form.closed_dates.flatMap(({ first, last }) => (first || last ? [{ first: first || last || '', last: last || first || '' }] : [])),
    extra_dates: [...new Set(form.extra_dates)].sort(),
    weekdays: [...form.weekdays].sort((a, b) => a - b),
    quota: form.quota,
    product_quotas: form.product_quotas.flatMap(({ product_id, value }) => (product_id === null || value === null ? [] : [{ product_id, quota: value }])),
    product_lead_days: form.product_lead_days.flatMap(({ product_id, value }) => (product_id === null || value === null ? [] : [{ product_id, days: value }])),
    region_lead_days: form.region_lead_days.flatMap(({ code, value }) => (code === null || value === null ? [] : [{ code, days: value }])),
    note: form.note.trim(),
  }
}

/** What would be lost in silence: rows that are half filled. The rest the server says. */
export function problemsOf(form: RuleForm): Record<string, string> {
  const out: Record<string, string> = {}
  const half = (field: keyof RuleForm, rows: readonly object[], what: string, figure: string) => {
    rows.forEach((row, index) => {
      const [key, value] = Object.values(row) as [unknown, unknown]
      if ((key === null) !== (value === null)) out[field] ??= `第 ${index + 1} 项还没有${key === null ? `选${what}` : `填${figure}`}，请补上或删除这一项`
    })
  }
  half('product_quotas', form.product_quotas, '商品', '每日限量')
  half('product_lead_days', form.product_lead_days, '商品', '备货天数')
  half('region_lead_days', form.region_lead_days, '地区', '备货天数')
  if (form.mode === 'window') {
    if (form.earliest_days === null) out['earliest_days'] = '请填写最早天数，0 是当天'
    if (form.latest_days === null) out['latest_days'] = '请填写最晚天数'
  }
  return out
}

/** Empty rows go before a save, so that "第 2 项" means the same here and on the server; days come in order. */
export function tidied(form: RuleForm): RuleForm {
  const filled = (row: object) => Object.values(row).some((value) => value !== null)
  return {
    ...form,
    weekdays: [...form.weekdays].sort((a, b) => a - b),
    extra_dates: [...form.extra_dates].sort(),
    closed_dates: form.closed_dates.filter(filled),
    product_quotas: form.product_quotas.filter(filled),
    product_lead_days: form.product_lead_days.filter(filled),
    region_lead_days: form.region_lead_days.filter(filled),
  }
}

/**
 * First days of the Spring Festival, from the Hong Kong Observatory's conversion tables. Not reckoned by the browser: in
 * 2027, when the moon is new four minutes before midnight, browsers are a day late.
 */
const SPRING_FESTIVALS = [
  '2026-02-17', '2027-02-06', '2028-01-26', '2029-02-13', '2030-02-03', '2031-01-23', '2032-02-11', '2033-01-31',
  '2034-02-19', '2035-02-08', '2036-01-28', '2037-02-15', '2038-02-04', '2039-01-24', '2040-02-12',
]

export interface Preset {
  name: string
  note: string
  /** What it sets; the rest of the form stays. */
  values: Partial<RuleForm>
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]

export function presetsOn(today: string): Preset[] {
  const presets: Preset[] = [
    {
      name: '明天起 15 天内，每天限 100 单',
      note: '日期随今天往后移，一年到头不用改',
      values: { mode: 'window', earliest_days: 1, latest_days: 15, weekdays: EVERY_DAY, quota: 100 },
    },
    {
      name: '指定日期范围',
      note: '只在一段日子里发货，例如当季水果',
      values: { mode: 'range', first: plusDays(today, 1), last: plusDays(today, 30), weekdays: EVERY_DAY },
    },
  ]
  const festival = SPRING_FESTIVALS.find((day) => day > today)
  if (festival) {
    const eve = plusDays(festival, -1)
    const last = plusDays(festival, -2)
    const [, month, day] = eve.split('-').map(Number)
    if (last > today) {
      presets.push({
        name: '春节前每天',
        note: `明天起每天发货，到除夕（${month}月${day}日）前一天为止`,
        values: { mode: 'range', first: plusDays(today, 1), last, weekdays: EVERY_DAY },
      })
    }
  }
  return presets
}
