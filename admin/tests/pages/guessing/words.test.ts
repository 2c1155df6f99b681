import { showAlarm } from '@/layout/alarm'
import { addressName, isBlockable, lasting, sentenceOf } from '@/pages/guessing/words'
import { ElNotification } from 'element-plus'
import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'

it('says what was reached, in one sentence', () => {
  expect(sentenceOf({ scope: 'card', subject: 'A1', failures: 5 })).toBe('卡号 A1 的密码输错了 5 次，已暂停提货')
  expect(sentenceOf({ scope: 'address', subject: 'staff:3', failures: 60 })).toContain('后台账号 3 输错了 60 次')
  expect(sentenceOf({ scope: 'prefix', subject: 'A588', failures: 31 })).toContain('A588 开头')
  expect(sentenceOf({ scope: 'merchant', subject: '', failures: 300 })).toContain('全店')
})

it('knows an account from an address', () => {
  expect(addressName('2001:db8::/64')).toBe('2001:db8::/64')
  expect(isBlockable('2001:db8::/64')).toBe(true)
  expect(isBlockable('staff:3')).toBe(false)
})

it('says seconds as a person does', () => {
  expect([0, 45, 90, 91, 840, 5400, 5401, 172_800, 172_801].map(lasting)).toEqual(['0 秒', '45 秒', '90 秒', '2 分钟', '14 分钟', '90 分钟', '2 小时', '48 小时', '3 天'])
})

it('shows one toast, the newest, whose link leads to the page', async () => {
  const open = vi.fn()
  showAlarm({ scope: 'card', subject: 'A1', failures: 5 }, open)
  showAlarm({ scope: 'card', subject: 'A2', failures: 5 }, open)
  await flushPromises()
  const toasts = [...document.querySelectorAll('.el-notification')].filter((one) => one.textContent?.includes('A2'))
  expect(toasts).toHaveLength(1)
  toasts[0]?.querySelector<HTMLButtonElement>('button.link')?.click()
  expect(open).toHaveBeenCalledTimes(1)
  ElNotification.closeAll()
})
