import type { Batch, BatchIn, Card, CardAction, SelectionAction } from '@/api/types'

type Tone = 'green' | 'amber' | 'red' | 'blue' | 'grey'

export const CARD_STATUS: Record<Card['status'], { label: string; tone: Tone }> = {
  inactive: { label: '未激活', tone: 'amber' },
  active: { label: '已激活', tone: 'green' },
  void: { label: '已作废', tone: 'red' },
}

export const CARD_USAGE: Record<Card['usage'], string> = { unused: '未使用', partly: '用了一部分', used_up: '已提完' }

interface ActionWords {
  label: string
  bulk: string
  done: string
  note: string
  danger: boolean
}

/** What can be done to cards; `danger` asks for a deliberate step. */
export const ACTIONS: Record<SelectionAction, ActionWords> = {
  activate: { label: '激活', bulk: '批量激活', done: '已激活', note: '激活后，持卡人就可以提货。', danger: false },
  deactivate: { label: '取消激活', bulk: '批量取消激活', done: '已取消激活', note: '取消激活后不能提货，可以随时再激活。', danger: false },
  edit: { label: '修改', bulk: '修改属性', done: '已修改', note: '只修改勾选的属性；卡号和密码不能修改。', danger: false },
  void: { label: '作废', bulk: '批量作废', done: '已作废', note: '只有未兑换的卡才能作废；作废后不能提货，可以再恢复。', danger: true },
  restore: { label: '恢复', bulk: '批量恢复', done: '已恢复', note: '恢复到作废之前的状态。', danger: false },
  delete: { label: '删除', bulk: '批量删除', done: '已删除', note: '只有已作废的卡才能删除。', danger: true },
}

/** What can be done with one card now. */
export function actionsFor(card: Pick<Card, 'status' | 'redeemed' | 'usage'>): CardAction[] {
  if (card.status === 'void') return ['restore']
  const actions: CardAction[] = []
  if (card.status === 'inactive') actions.push('activate')
  else if (card.usage !== 'used_up') actions.push('deactivate')
  if (!card.redeemed) actions.push('void')
  return actions
}

/** How much of a card was used: one that is good for several times (次卡) says how many are left. */
export function usageOf(card: Pick<Card, 'usage' | 'uses_total' | 'uses_left'>): string {
  if (card.uses_total > 1) return card.usage === 'used_up' ? `${card.uses_total} 次已提完` : `剩 ${card.uses_left}/${card.uses_total} 次`
  return card.usage === 'unused' ? '未兑换' : '已兑换'
}

export const ALPHABETS: Record<NonNullable<BatchIn['password_alphabet']>, string> = {
  digits: '纯数字',
  letters: '纯字母',
  letters_digits: '字母 + 数字',
}

export const ORDERS: Record<NonNullable<Batch['order']>, string> = { sequential: '顺序生成', random: '随机生成' }
