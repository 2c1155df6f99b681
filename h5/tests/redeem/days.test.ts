import { describe, expect, it } from 'vitest'
import { dayName, dayProblem, daysIn, months, reasonOf, standing } from '../../src/redeem/days'
import { december, noDays, offered } from '../fixtures'

describe('dayName', () => {
  it('says the weekday, and the year only where it is another', () => {
    const today = new Date(2026, 10, 24)
    expect(dayName('2026-12-03', today)).toBe('12月3日 周四')
    expect(dayName('2027-01-01', today)).toBe('2027年1月1日 周五')
    expect(dayName('2028-02-29', today)).toBe('2028年2月29日 周二')
  })
})

describe('months', () => {
  it('begins weeks on Monday', () => {
    const [month] = months([offered('2026-12-01'), offered('2026-12-31')])
    // 1 December 2026 is a Tuesday.
    expect(month).toMatchObject({ key: '2026-12', title: '2026年12月', before: 1 })
    expect(month?.days).toHaveLength(31)
  })

  it('leaves out the weeks that are over, and knows the days that are not offered', () => {
    const [november, december] = months([offered('2026-11-25'), offered('2026-12-02')])
    expect(november?.before).toBe(0)
    expect(november?.days.map((day) => [day.day, day.reason]).slice(0, 3)).toEqual([
      ['2026-11-23', 'too_early'], ['2026-11-24', 'too_early'], ['2026-11-25', null],
    ])
    expect(december?.days[0]).toMatchObject({ day: '2026-12-01', open: false, reason: 'outside' })
    expect(december?.days[1]).toMatchObject({ day: '2026-12-02', open: true })
  })

  it('has a leap day, and goes on into the next year', () => {
    const all = months([offered('2027-12-31'), offered('2028-02-29')])
    expect(all.map((month) => month.key)).toEqual(['2027-12', '2028-01', '2028-02'])
    expect(all[2]?.days[28]).toMatchObject({ day: '2028-02-29', open: true })
  })

  it('is empty where nothing is offered', () => {
    expect(months([])).toEqual([])
  })
})

describe('how a day stands', () => {
  it.each([
    [offered('2026-12-03', { fullness: 79 }), ''],
    [offered('2026-12-03', { fullness: 80 }), '紧张'],
    [offered('2026-12-03'), ''],
    [offered('2026-12-03', { open: false, reason: 'full', fullness: 100 }), '约满'],
    [offered('2026-12-03', { open: false, reason: 'closed' }), ''],
  ])('is said in a word', (day, word) => {
    expect(standing(day)).toBe(word)
  })

  it('has a reason in words for every one that is shut', () => {
    for (const reason of ['too_early', 'outside', 'closed', 'weekday', 'full'] as const) {
      expect(reasonOf(offered('2026-12-03', { open: false, reason }))).toMatch(/[\u4e00-\u9fff]/)
    }
  })
})

describe('dayProblem', () => {
  it('is none where no days are chosen, or none is wanted', () => {
    expect(dayProblem(noDays, null)).toBe('')
    expect(dayProblem(noDays, '2026-12-01')).toBe('')
    expect(dayProblem(december({ required: false }), null)).toBe('')
    expect(dayProblem(december(), '2026-12-03')).toBe('')
  })

  it('asks for a day, and says when there is none', () => {
    expect(dayProblem(december(), null)).toBe('请选择预约发货日期')
    expect(dayProblem(december({ nearest: null }), null)).toContain('请联系商家')
  })

  it('names the day that is no longer to be had', () => {
    expect(dayProblem(december(), '2026-12-02')).toMatch(/12月2日 周三已约满/)
    expect(dayProblem(december(), '2026-12-05')).toMatch(/12月5日 周六不能发货/)
    expect(dayProblem(december(), '2026-12-20')).toContain('请另选日期')
  })

  it('takes the nearest day although it is too far off to be listed', () => {
    expect(dayProblem(december({ nearest: '2027-06-01' }), '2027-06-01')).toBe('')
  })
})

describe('daysIn', () => {
  it('finds the days that a refusal brings, and nothing else', () => {
    const days = december()
    expect(daysIn({ days, nearest: days.nearest })).toBe(days)
    for (const data of [{}, { days: null }, { days: 'x' }, { days: { days: 1 } }]) expect(daysIn(data)).toBeNull()
  })
})
