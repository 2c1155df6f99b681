/** Where the merchant wants the customer to go afterwards; null unless it is a web page. */
export function jumpTarget(url: string): URL | null {
  try {
    const target = new URL(url)
    return target.protocol === 'https:' || target.protocol === 'http:' ? target : null
  } catch {
    return null
  }
}
