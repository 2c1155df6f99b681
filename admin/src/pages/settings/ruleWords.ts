import type { OfferedDay } from '@/api/types'
import type { RuleForm } from './rule'

const WEEK = ['', '一', '二', '三', '四', '五', '六', '日'] as const

export function weekdayOf(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date).getDay() || 7
}

export function dayWords(day: string): string {
  const [, month, date] = day.split('-').map(Number)
  return `${month}月${date}日（周${WEEK[weekdayOf(day)]}）`
}

const ahead = (days: number) => ['今天', '明天', '后天'][days] ?? `${days} 天后`

/** The rule as one would say it to a colleague. */
export function wordsOf(form: RuleForm): string[] {
  if (form.mode === 'none') return ['顾客不选日期，订单按下单先后尽快发货。']
  const out: string[] = []
  if (form.mode === 'window' && form.earliest_days !== null && form.latest_days !== null && form.latest_days < form.earliest_days) out.push('最晚天数比最早天数小，没有日期可选。')
  else if (form.mode === 'window' && form.earliest_days !== null && form.latest_days !== null)
    out.push(form.earliest_days === form.latest_days ? `只能选${ahead(form.earliest_days)}。` : `能选${ahead(form.earliest_days)}到 ${form.latest_days} 天后的日期，每过一天往后移一天。`)
  if (form.mode === 'range') out.push(form.first && form.last ? `能选 ${form.first} 到 ${form.last} 之间的日期，过了结束日期就没有日期可选。` : '请选择开始和结束日期。')
  if (form.cutoff) out.push(`${form.cutoff} 起，今天算过完了，从明天算起。`)
  const off = WEEK.map((name, index) => ({ name, index })).filter(({ index }) => index > 0 && !form.weekdays.includes(index))
  if (off.length > 0 && off.length < 7) out.push(`周${off.map(({ name }) => name).join('、')}不发货。`)
  if (off.length === 7) out.push('一周七天都不发货，只有额外开放日期能选。')
  out.push(form.quota === null ? '每天的单数不限。' : `每天最多 ${form.quota.toLocaleString('zh-CN')} 单，约满的日期不能再选，并告诉顾客最近哪天有空。`)
  out.push(form.required ? '不选日期不能提货。' : '顾客可以不选，不选就是尽快发货。')
  return out
}

const REASONS: Record<NonNullable<OfferedDay['reason']>, string> = {
  too_early: '来不及发货（最早天数、备货天数或截单时间）',
  outside: '不在可预约的日期内',
  closed: '休息日期，不发货',
  weekday: '这个星期几不发货',
  full: '已约满',
}

/** What a day of the calendar means, for the line below it. */
export function offerWords(day: OfferedDay): string {
  const date = dayWords(day.day)
  if (day.reason) return `${date}：${REASONS[day.reason]}`
  return `${date}：可以选${day.fullness === null ? '' : `，已约 ${day.fullness}%`}`
}
