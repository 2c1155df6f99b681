import type { Alarm } from '@/live/client'

/** Counted as the account's own, at the counter and on the phone. */
const STAFF = /^staff:(\d+)$/

export function addressName(address: string): string {
  const staff = STAFF.exec(address)
  return staff ? `后台账号 ${staff[1]}` : address
}

/** An account is no address that could be blocked. */
export function isBlockable(address: string): boolean {
  return address !== '' && !STAFF.test(address)
}

export function sentenceOf(alarm: Alarm): string {
  const times = `${alarm.failures} 次`
  if (alarm.scope === 'card') return `卡号 ${alarm.subject} 的密码输错了 ${times}，已暂停提货`
  if (alarm.scope === 'address') return `${addressName(alarm.subject)} 输错了 ${times}，已暂停提货`
  if (alarm.scope === 'prefix') return `许多地址在试 ${alarm.subject} 开头的卡号，输错了 ${times}`
  return `全店输错了 ${times}，现在提货都要先过图形验证码`
}

/** Seconds as a person says them: 45 秒, 12 分钟, 3 小时. */
export function lasting(seconds: number): string {
  if (seconds <= 90) return `${Math.max(0, Math.ceil(seconds))} 秒`
  if (seconds <= 90 * 60) return `${Math.ceil(seconds / 60)} 分钟`
  if (seconds <= 48 * 3600) return `${Math.ceil(seconds / 3600)} 小时`
  return `${Math.ceil(seconds / 86_400)} 天`
}
