import { OWN_WORDS } from '@/components/storefrontSteps'

export interface Gate {
  open: boolean
  closed_notice: string
  paused: boolean
  pause_notice: string
  resumes_on: string | null
}

export interface Seen {
  redeeming: boolean
  /** What customers read; "" while they can redeem. */
  notice: string
  /** For the merchant: what is so now and until when. */
  words: string
}

const said = (day: string) => {
  const [, month, date] = day.split('-')
  return `${Number(month)} 月 ${Number(date)} 日`
}

/** What customers see under these settings on a day (YYYY-MM-DD, the merchant's). Same rule as the server's. */
export function seenOn(today: string, gate: Gate): Seen {
  if (!gate.open) return { redeeming: false, notice: gate.closed_notice.trim() || OWN_WORDS.closed, words: '前台关着，顾客不能提货，只能查询已有的订单；打开开关前一直这样。' }
  if (!gate.paused) return { redeeming: true, notice: '', words: '前台开着，顾客可以提货。' }
  const day = gate.resumes_on
  if (day !== null && today >= day) return { redeeming: true, notice: '', words: `暂停在 ${said(day)} 已经结束，顾客可以提货。` }
  return {
    redeeming: false,
    notice: gate.pause_notice.trim() || `${OWN_WORDS.paused}${day ? `预计 ${said(day)}恢复。` : ''}`,
    words: day ? `暂停中，顾客不能提货，只能查询已有的订单；${said(day)} 0 点起自动恢复。` : '暂停中，顾客不能提货，只能查询已有的订单；没有填恢复日期，要自己来关掉暂停。',
  }
}
