import type { CardEdit } from '@/api/types'
import { fenFrom } from '@/format'

export type EditField = 'name' | 'products' | 'face_value_fen' | 'valid_from' | 'valid_until' | 'remark' | 'distributor_id'
export type ProductsMode = 'add' | 'remove' | 'replace'

/** Manual, 批量修改卡属性: every attribute has a check box, and only checked ones change. */
export interface EditForm {
  checked: EditField[]
  name: string
  mode: ProductsMode
  product_ids: number[]
  face_value: string
  valid_from: string | null
  valid_until: string | null
  remark: string
  /** 0: taken back, no distributor has them. null: not chosen yet. */
  distributor_id: number | null
}

export const MODES: Record<ProductsMode, { label: string; note: string }> = {
  add: { label: '加上', note: '原有的商品保留，再加上下面勾选的。' },
  remove: { label: '去掉', note: '从原有的商品中去掉下面勾选的；去掉后一样不剩的卡保持原样。' },
  replace: { label: '换成', note: '不管原来能提什么，改后只能提下面勾选的。' },
}

export function emptyEdit(): EditForm {
  return { checked: [], name: '', mode: 'add', product_ids: [], face_value: '', valid_from: null, valid_until: null, remark: '', distributor_id: null }
}

/** Only what is checked goes to the server; checked and left empty empties it. */
export function editFrom(form: EditForm): CardEdit {
  const has = (field: EditField) => form.checked.includes(field)
  const edit: CardEdit = {}
  if (has('name')) edit.name = form.name.trim() || null
  if (has('products')) edit.products = { mode: form.mode, product_ids: [...form.product_ids].sort((a, b) => a - b) }
  if (has('face_value_fen')) edit.face_value_fen = fenFrom(form.face_value)
  if (has('valid_from')) edit.valid_from = form.valid_from || null
  if (has('valid_until')) edit.valid_until = form.valid_until || null
  if (has('remark')) edit.remark = form.remark.trim() || null
  if (has('distributor_id')) edit.distributor_id = form.distributor_id || null
  return edit
}

/** Why the form can't be sent, by field; `form` where nothing is checked. */
export function problemsInEdit(form: EditForm): Partial<Record<EditField | 'form', string>> {
  const out: Partial<Record<EditField | 'form', string>> = {}
  const has = (field: EditField) => form.checked.includes(field)
  if (form.checked.length === 0) out.form = '请勾选要修改的属性'
  if (has('products') && form.product_ids.length === 0) out.products = '请勾选商品'
  if (has('face_value_fen') && Number.isNaN(fenFrom(form.face_value))) out.face_value_fen = '面值请填金额，例如 388 或 388.50；留空就是没有面值'
  if (has('valid_from') && has('valid_until') && form.valid_from && form.valid_until && form.valid_until < form.valid_from) out.valid_until = '有效期结束不能早于开始'
  if (has('distributor_id') && form.distributor_id === null) out.distributor_id = '请选择券商'
  return out
}
