import type { DaysView, OfferedDay } from '../api/types'

const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']
/** From here on a day is said to be nearly full, in percent. */
export const NEARLY_FULL = 80

/** Calendar days have no time zone: reckoned in UTC, no clock is ever set back. */
function utc(day: string): Date {
  return new Date(`${day}T00:00:00Z`)
}

/** 12月3日 周四; with the year where it isn't this one's. */
export function dayName(day: string, today = new Date()): string {
  const date = utc(day)
  const year = date.getUTCFullYear() === today.getFullYear() ? '' : `${date.getUTCFullYear()}年`
  return `${year}${date.getUTCMonth() + 1}月${date.getUTCDate()}日 ${WEEKDAYS[date.getUTCDay()] ?? ''}`
}

const REASONS: Record<NonNullable<OfferedDay['reason']>, string> = {
  too_early: '来不及备货',
  outside: '不在预约范围内',
  closed: '休息，不发货',
  weekday: '这一天不发货',
  full: '已约满',
}

/** Of a day that can't be chosen. */
export function reasonOf(day: OfferedDay): string {
  return day.reason ? REASONS[day.reason] : '不能选择'
}

/** How a day stands, in words: empty where there is nothing to say. */
export function standing(day: OfferedDay): string {
  if (!day.open) return day.reason === 'full' ? '约满' : ''
  return day.fullness !== null && day.fullness >= NEARLY_FULL ? '紧张' : ''
}

/** The Monday of a day's week as a day of the same month; zero or less where it lies in the month before. */
function mondayOf(day: string): number {
  return Number(day.slice(8)) - ((utc(day).getUTCDay() + 6) % 7)
}

export interface Month {
  /** 2026-12 */
  key: string
  title: string
  /** Empty squares before the first day, the week beginning on Monday. */
  before: number
  days: OfferedDay[]
}

/**
 * The months of the days that are offered, the first from its first offered week on; days that the server doesn't list
 * are outside.
 */
export function months(days: readonly OfferedDay[]): Month[] {
  const first = days[0]
  const last = days[days.length - 1]
  if (!first || !last) return []
  const listed = new Map(days.map((day) => [day.day, day]))
  const all: Month[] = []
  let [year, month] = [Number(first.day.slice(0, 4)), Number(first.day.slice(5, 7))]
  for (;;) {
    const key = `${year}-${String(month).padStart(2, '0')}`
    if (key > last.day.slice(0, 7)) return all
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
    // Monday is 0.
    const weekday = (utc(`${key}-01`).getUTCDay() + 6) % 7
    const begin = key === first.day.slice(0, 7) ? Math.max(1, mondayOf(first.day)) : 1
    all.push({
      key,
      title: `${year}年${month}月`,
      before: begin === 1 ? weekday : 0,
      days: Array.from({ length: length - begin + 1 }, (_, at) => {
        const day = `${key}-${String(at + begin).padStart(2, '0')}`
        return listed.get(day) ?? { day, open: false, fullness: null, reason: day < first.day ? 'too_early' : 'outside' }
      }),
    })
    if (month === 12) [year, month] = [year + 1, 1]
    else month += 1
  }
}

/** Why this choice can't be had, empty if it can. `chosen`: null is as soon as possible. */
export function dayProblem(view: DaysView, chosen: string | null): string {
  if (view.mode === 'none') return ''
  if (chosen === null) {
    if (!view.required) return ''
    return view.nearest === null ? '近期没有可预约的日期，请联系商家' : '请选择预约发货日期'
  }
  const day = view.days.find((one) => one.day === chosen)
  if (day?.open || (!day && chosen === view.nearest)) return ''
  return `${dayName(chosen)}${day?.reason === 'full' ? '已约满' : '不能发货'}，请另选日期`
}

/** What a refusal of a day brings along. */
export function daysIn(data: Readonly<Record<string, unknown>>): DaysView | null {
  const view = data.days
  return typeof view === 'object' && view !== null && 'days' in view && Array.isArray(view.days) ? (view as DaysView) : null
}
