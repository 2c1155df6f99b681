export type PreviewStep = 'enter' | 'choose' | 'form' | 'confirm' | 'done' | 'closed'

export const PREVIEW_STEPS: readonly { name: PreviewStep; label: string }[] = [
  { name: 'enter', label: '输入卡号' },
  { name: 'choose', label: '选商品' },
  { name: 'form', label: '填地址' },
  { name: 'confirm', label: '核对' },
  { name: 'done', label: '成功' },
  { name: 'closed', label: '暂停' },
]

/** What customers read when the merchant wrote nothing; the server's and the page's own words. */
export const OWN_WORDS = {
  closed: '提货暂未开放，请稍后再来。',
  paused: '提货暂停中，请稍后再来。',
  confirm: '请仔细核对，商家会按下面的信息发货。',
  done: '商家会尽快为您发货。',
} as const
