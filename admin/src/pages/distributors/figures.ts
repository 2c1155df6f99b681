import type { CardsQuery, Distributor, DistributorRow } from '@/api/types'

export interface Figure {
  name: 'assigned' | 'activated' | 'redeemed' | 'left' | 'expired'
  label: string
  note: string
  /** With the distributor, what the card list shows for it. */
  filter: CardsQuery
}

export const FIGURES: readonly Figure[] = [
  { name: 'assigned', label: '已分配', note: '分给它的全部卡', filter: {} },
  { name: 'activated', label: '已激活', note: '状态是已激活的卡，已兑换的也算', filter: { status: 'active' } },
  { name: 'redeemed', label: '已兑换', note: '提过货的卡，次卡提过一次就算', filter: { redeemed: true } },
  { name: 'left', label: '剩余', note: '还能卖或还能提的卡：没作废、没过期、没提完', filter: { usable: true, expired: false } },
  { name: 'expired', label: '已过期', note: '过了有效期，没作废也没提完的卡', filter: { usable: true, expired: true } },
]

/** What a figure leads to in the card list. */
export function listOf(distributor: Pick<Distributor, 'id'>, figure: Figure): Record<string, string> {
  const filter = { distributor_id: distributor.id, ...figure.filter }
  return Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)]))
}

export function openFirst(all: readonly Distributor[]): Distributor[] {
  return [...all].sort((a, b) => Number(a.closed) - Number(b.closed) || a.id - b.id)
}

export type Figures = Pick<DistributorRow, Figure['name']>
