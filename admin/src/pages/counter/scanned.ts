/** What is typed or scanned as a card's number. */

export type Read = { number: string } | { refusal: string }

/** Whether it is a link, as a card's QR code holds one, and not a number or a password. */
export function isLink(text: string): boolean {
  return /:\/\/|\/c\//i.test(text.normalize('NFKC'))
}

/**
 * The card's number: of the whole link that its QR code holds (https://host/c/slug/NUMBER), or as it was typed.
 * The host is not looked at, for a shop's may change after the cards are printed.
 */
export function readNumber(typed: string, slug: string): Read {
  // An input method may make full-width letters of what the scanner types.
  const text = typed.normalize('NFKC').replace(/\s+/g, '')
  if (!text) return { refusal: '请输入或扫描卡号' }
  if (!isLink(text)) return { number: text }
  const found = /\/c\/([^/?#]+)(?:\/([^/?#]+))?/i.exec(text)
  if (!found?.[1]) return { refusal: '这不是提货卡上的二维码，请扫卡上的二维码，或输入卡号' }
  if (found[1].toLowerCase() !== slug.toLowerCase()) return { refusal: '这是另一家商户的卡，不能在这里提货' }
  const number = decoded(found[2] ?? '')
  if (!number) return { refusal: '这是提货前台的二维码，里面没有卡号，请扫卡上的二维码，或输入卡号' }
  return { number }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
