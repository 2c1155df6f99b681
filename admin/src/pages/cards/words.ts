import type { Batch, BatchIn, Card, CardAction } from '@/api/types'

type Tone = 'green' | 'amber' | 'red' | 'blue' | 'grey'

export const CARD_STATUS: Record<Card['status'], { label: string; tone: Tone }> = {
  inactive: { label: '未激活', tone: 'amber' },
  active: { label: '已激活', tone: 'green' },
  void: { label: '已作废', tone: 'red' },
}

interface ActionWords {
  label: string
  bulk: string
  done: string
  note: string
  danger: boolean
}

export const CARD_ACTIONS: Record<CardAction, ActionWords> = {
  activate: { label: '激活', bulk: '批量激活', done: '已激活', note: '激活后，持卡人就可以提货。', danger: false },
  deactivate: { label: '反激活', bulk: '批量反激活', done: '已反激活', note: '反激活后不能提货，可以随时再激活。', danger: false },
  void: { label: '作废', bulk: '批量作废', done: '已作废', note: '只有未兑换的卡才能作废；作废后不能提货，可以再恢复。', danger: true },
  restore: { label: '恢复', bulk: '批量恢复', done: '已恢复', note: '恢复到作废之前的状态。', danger: false },
}

/** What can be done with one card now; a redeemed card is history. */
export function actionsFor(card: Pick<Card, 'status' | 'redeemed'>): CardAction[] {
  if (card.redeemed) return []
  if (card.status === 'void') return ['restore']
  return card.status === 'active' ? ['deactivate', 'void'] : ['activate', 'void']
}

export const ALPHABETS: Record<NonNullable<BatchIn['password_alphabet']>, string> = {
  digits: '纯数字',
  letters: '纯字母',
  letters_digits: '字母 + 数字',
}

export const ORDERS: Record<Batch['order'], string> = { sequential: '顺序生成', random: '随机生成' }
