import type { BatchIn } from '@/api/types'
import { fenFrom } from '@/format'

/** What cards are good for and how long: the same for cards that are made and for imported ones. */
export interface TermsForm {
  name: string
  status: NonNullable<BatchIn['status']>
  product_ids: number[]
  face_value: string
  valid_from: string | null
  valid_until: string | null
  remark: string
  distributor_id: number | null
  uses: string
}

export type TermsBody = Required<Pick<BatchIn, 'name' | 'status' | 'product_ids' | 'face_value_fen' | 'valid_from' | 'valid_until' | 'remark' | 'distributor_id' | 'uses'>>

export const MOST_USES = 100

export function emptyTerms(): TermsForm {
  return { name: '', status: 'inactive', product_ids: [], face_value: '', valid_from: null, valid_until: null, remark: '', distributor_id: null, uses: '1' }
}

export function whole(text: string): number {
  const plain = text.trim().replace(/[,，]/g, '')
  return /^\d{1,15}$/.test(plain) ? Number(plain) : NaN
}

/** Field → sentence. The server checks again and knows more. */
export function termsProblems(form: TermsForm): Record<string, string> {
  const out: Record<string, string> = {}
  if (form.product_ids.length === 0) out['product_ids'] = '请至少勾选一种对应商品'
  const uses = whole(form.uses)
  if (!(uses >= 1 && uses <= MOST_USES)) out['uses'] = `可提次数为 1 到 ${MOST_USES}，普通卡填 1`
  const face = fenFrom(form.face_value)
  if (face !== null && Number.isNaN(face)) out['face_value_fen'] = '请填写金额，例如 388 或 388.50'
  if (form.valid_from && form.valid_until && form.valid_from > form.valid_until) out['valid_until'] = '结束日期不能早于开始日期'
  return out
}

export function termsBody(form: TermsForm): TermsBody {
  return {
    name: form.name.trim(),
    status: form.status,
    product_ids: form.product_ids,
    face_value_fen: fenFrom(form.face_value),
    valid_from: form.valid_from,
    valid_until: form.valid_until,
    remark: form.remark.trim(),
    distributor_id: form.distributor_id,
    uses: whole(form.uses),
  }
}
