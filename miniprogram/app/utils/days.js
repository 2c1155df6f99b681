/** The days on which the merchant ships, in words. Days are calendar dates such as 2026-11-28, of no time zone. */

/** @typedef {import('../../api/types').DaysView} DaysView */
/** @typedef {DaysView['days'][number]} OfferedDay */

/**
 * @typedef {object} Cell
 * @property {string} key
 * @property {string} day empty before the month's first
 * @property {string} number
 * @property {string} word
 * @property {boolean} open
 * @property {boolean} chosen
 * @property {string} label for who hears the page
 */

/** @typedef {{ title: string, cells: Cell[] }} Month */

const AS_SOON_AS_POSSIBLE = '尽快发货'
const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六']
/** @type {Record<NonNullable<OfferedDay['reason']>, string>} */
const REASONS = { too_early: '备货中', outside: '未开放', closed: '休息', weekday: '不发货', full: '约满' }
/** Percent from which a day is said to be short of places. */
const SHORT = 80

/** @param {string} day */
function parts(day) {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return { year, month, date, weekday: new Date(Date.UTC(year, month - 1, date)).getUTCDay() }
}

/** @param {string} day */
function dayName(day) {
  const { month, date, weekday } = parts(day)
  return `${month}月${date}日 周${WEEKDAYS[weekday]}`
}

/** @param {OfferedDay} offered */
function dayWord({ open, fullness, reason }) {
  if (open) return fullness !== null && fullness >= SHORT ? '紧张' : '可约'
  return reason ? REASONS[reason] : '不可约'
}

/**
 * The days as a calendar, month by month, each week beginning on Monday.
 * @param {DaysView} view
 * @param {string | null} chosen
 * @returns {Month[]}
 */
function calendar(view, chosen) {
  /** @type {Month[]} */
  const months = []
  for (const offered of view.days) {
    const { year, month, date, weekday } = parts(offered.day)
    const title = `${year}年${month}月`
    if (months[months.length - 1]?.title !== title) {
      const blanks = Array.from({ length: (weekday + 6) % 7 }, (_, at) => ({
        key: `blank-${at}`, day: '', number: '', word: '', open: false, chosen: false, label: '',
      }))
      months.push({ title, cells: blanks })
    }
    const word = dayWord(offered)
    months[months.length - 1]?.cells.push({
      key: offered.day,
      day: offered.day,
      number: String(date),
      word,
      open: offered.open,
      chosen: offered.day === chosen,
      label: `${dayName(offered.day)}，${word}`,
    })
  }
  return months
}

/**
 * Why a form can't go out with this day, or ''. The server's word stands; it may refuse more.
 * @param {DaysView | null} view null while nobody knows
 * @param {string | null} day
 */
function dayProblem(view, day) {
  if (!view || view.mode === 'none') return ''
  if (!day) return view.required ? '请选择预约发货日期' : ''
  const offered = view.days.find((one) => one.day === day)
  if (offered ? offered.open : day === view.nearest) return ''
  return `${dayName(day)}${offered?.reason === 'full' ? '已约满' : '不能预约'}，请另选日期`
}

/**
 * The day that a form goes out with: none where the merchant takes none.
 * @param {DaysView | null} view
 * @param {string | null} day
 */
function dayToSend(view, day) {
  return view?.mode === 'none' ? null : day
}

/** @param {string} code */
function isDayRefusal(code) {
  return code === 'day_full' || code === 'day_not_open' || code === 'day_missing'
}

module.exports = { AS_SOON_AS_POSSIBLE, calendar, dayName, dayProblem, dayToSend, dayWord, isDayRefusal }
