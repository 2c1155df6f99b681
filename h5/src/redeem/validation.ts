import type { Receiver } from '../api/types'

/** Field name as the server names it → sentence. */
export type FieldErrors = Record<string, string>

export const LIMITS = { name: 32, address: 128, remark: 200 } as const

/** Spaces, dashes, full-width digits and +86 are how people and their phones write it. */
export function normaliseMobile(typed: string): string {
  const digits = typed.normalize('NFKC').replace(/[\s\-().]/g, '')
  return digits.replace(/^(?:\+|00)?86(?=1\d{10}$)/, '')
}

export function isMobile(typed: string): boolean {
  return /^1[3-9]\d{9}$/.test(normaliseMobile(typed))
}

/** What is one line to the server may have been typed as several. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*[\r\n]+\s*/g, ' ')
}

function length(text: string): number {
  return Array.from(text.trim()).length
}

export function checkCredentials(number: string, password: string): FieldErrors {
  const errors: FieldErrors = {}
  if (number.trim() === '') errors.number = '请填写卡号'
  if (password.trim() === '') errors.password = '请填写密码'
  return errors
}

export function checkReceiver(receiver: Receiver, remark: string): FieldErrors {
  const errors: FieldErrors = {}
  if (length(receiver.name) === 0) errors['receiver.name'] = '请填写收货人姓名'
  else if (length(receiver.name) > LIMITS.name) errors['receiver.name'] = `姓名最多 ${LIMITS.name} 个字`
  if (receiver.mobile.trim() === '') errors['receiver.mobile'] = '请填写手机号'
  else if (!isMobile(receiver.mobile)) errors['receiver.mobile'] = '请填写 11 位手机号'
  if (receiver.province === '' || receiver.city === '') errors['receiver.province'] = '请选择所在地区'
  if (length(receiver.address) < 2) errors['receiver.address'] = '请填写详细地址，如街道、门牌号'
  else if (length(receiver.address) > LIMITS.address) errors['receiver.address'] = `详细地址最多 ${LIMITS.address} 个字`
  if (length(remark) > LIMITS.remark) errors.remark = `备注最多 ${LIMITS.remark} 个字`
  return errors
}

/** City, district and code are picked together with the province, in one control. */
export function controlOf(field: string): string {
  if (field.startsWith('captcha.')) return 'captcha'
  return /^receiver\.(city|district|region_code)$/.test(field) ? 'receiver.province' : field
}
