import type { CardView } from '../api/types'
import type { Draft } from './draft'
import { checkReceiver } from './validation'

export type Page = 'enter' | 'card' | 'product' | 'form' | 'confirm' | 'done' | 'correct' | 'order'

export const TITLES: Record<Page, string> = {
  enter: '提货',
  card: '我的卡券',
  product: '商品详情',
  form: '填写收货信息',
  confirm: '核对信息',
  done: '提货成功',
  correct: '修改订单',
  order: '订单进度',
}

/**
 * The page that may really be shown. History entries outlive what they showed: after redeeming, "back" to the form
 * must not offer to redeem again, and a reload may have lost the card.
 */
export function allowedPage(wanted: Page, card: CardView | null, draft: Draft): Page {
  if (wanted === 'enter' || wanted === 'order') return wanted
  if ((wanted === 'done' || wanted === 'confirm') && draft.order) return 'done'
  if (!card) return 'enter'
  if (wanted === 'product' || wanted === 'correct') return wanted
  const chosen = card.products.some((product) => product.id === draft.productId)
  if (wanted === 'card' || wanted === 'done' || card.state !== 'redeemable' || !chosen) return 'card'
  if (wanted === 'confirm' && Object.keys(checkReceiver(draft.receiver, draft.remark)).length > 0) return 'form'
  return wanted
}
