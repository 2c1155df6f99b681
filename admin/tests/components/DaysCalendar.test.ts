import type { OfferedDay } from '@/api/types'
import DaysCalendar from '@/components/DaysCalendar.vue'
import { offerWords } from '@/pages/settings/ruleWords'
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'

const days: OfferedDay[] = [
  { day: '2026-11-29', open: false, fullness: null, reason: 'too_early' },
  { day: '2026-11-30', open: false, fullness: 100, reason: 'full' },
  { day: '2026-12-01', open: true, fullness: 37, reason: null },
  { day: '2026-12-02', open: false, fullness: null, reason: 'closed' },
]

it('begins with the month of the nearest day, and goes through the others', async () => {
  const page = mount(DaysCalendar, { props: { days, nearest: '2026-12-01', words: offerWords } })
  expect(page.find('.month').text()).toBe('2026 年 12 月')
  expect(page.find('[aria-label="下个月"]').attributes('disabled')).toBeDefined()
  await page.find('[aria-label="上个月"]').trigger('click')
  expect(page.find('.month').text()).toBe('2026 年 11 月')
  // 1 November 2026 is a Sunday: six empty places before it.
  expect(page.findAll('.grid > span:not(.week):not(.day)')).toHaveLength(6)
  expect(page.findAll('button.day').map((one) => one.attributes('aria-label'))).toEqual(['11月29日（周日）：来不及发货（最早天数、备货天数或截单时间）', '11月30日（周一）：已约满'])
})

it('says why on hover and on focus', async () => {
  const page = mount(DaysCalendar, { props: { days, nearest: '2026-12-01', words: offerWords } })
  const [first, second] = page.findAll('button.day')
  await first?.trigger('focus')
  expect(page.find('.line').text()).toBe('12月1日（周二）：可以选，已约 37%')
  await second?.trigger('mouseenter')
  expect(page.find('.line').text()).toBe('12月2日（周三）：休息日期，不发货')
})

it('stays in the month that is looked at while the rule changes', async () => {
  const page = mount(DaysCalendar, { props: { days, nearest: '2026-12-01', words: offerWords } })
  await page.find('[aria-label="上个月"]').trigger('click')
  await page.setProps({ days: days.slice(0, 3) })
  expect(page.find('.month').text()).toBe('2026 年 11 月')
  await page.setProps({ days: days.slice(2) })
  expect(page.find('.month').text()).toBe('2026 年 12 月')
})

it('goes to the month of another nearest day', async () => {
  const page = mount(DaysCalendar, { props: { days, nearest: '2026-11-29', words: offerWords } })
  expect(page.find('.month').text()).toBe('2026 年 11 月')
  await page.setProps({ nearest: '2026-12-01' })
  expect(page.find('.month').text()).toBe('2026 年 12 月')
})
