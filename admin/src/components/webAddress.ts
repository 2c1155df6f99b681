/** The host of a web address; "" where it is none. */
export function hostOf(address: string): string {
  try {
    const { protocol, host } = new URL(address)
    return protocol === 'http:' || protocol === 'https:' ? host : ''
  } catch {
    return ''
  }
}

/** What is wrong with an address that customers are to be sent to; "" where nothing is. The server has the last word. */
export function addressProblem(text: string): string {
  const address = text.trim()
  if (!address) return ''
  if (/\s/.test(address)) return '网址中间不能有空格'
  if (!/^https?:\/\//i.test(address)) return /^[a-z][a-z0-9+.-]*:/i.test(address) ? '只能是 http:// 或 https:// 开头的网址' : '前面请加上 https://，例如 https://example.com'
  return hostOf(address) ? '' : '这个网址不完整，请从浏览器地址栏整个复制过来'
}

/** What customers will notice about one that is right. */
export function addressWords(text: string): string {
  const address = text.trim()
  if (!address || addressProblem(address)) return ''
  const host = hostOf(address)
  return address.toLowerCase().startsWith('http://') ? `提货成功 5 秒后去 ${host}，顾客也可以留下。这个网址没有加密（http），有的手机会提示不安全，能用 https 请用 https。` : `提货成功 5 秒后去 ${host}，顾客也可以留在订单页。`
}
