export interface Link {
  slug: string
  number: string
}

/** `/c/{slug}` or `/c/{slug}/{number}`. */
export function parsePath(pathname: string): Link | null {
  const [, slug, number] = /^\/c\/([^/]+)(?:\/([^/]*))?\/?$/.exec(pathname) ?? []
  if (!slug) return null
  try {
    return { slug: decodeURIComponent(slug), number: decodeURIComponent(number ?? '') }
  } catch {
    return null
  }
}

/** An order's own link: whoever has it sees how the parcel is doing, and nothing that the password protects. */
export function orderUrl(slug: string, token: string): string {
  return `${location.origin}/c/${encodeURIComponent(slug)}/o/${encodeURIComponent(token)}`
}

export type Scanned = { number: string } | { problem: string }

/** What a card's QR code says: the printed link, or in older batches the bare number. */
export function parseScan(content: string, slug: string): Scanned {
  const trimmed = content.normalize('NFKC').trim()
  if (/^[A-Za-z0-9][A-Za-z0-9 -]{2,39}$/.test(trimmed)) return { number: trimmed }
  const link = linkIn(trimmed)
  if (!link || link.number === '') return { problem: '这不是提货卡的二维码，请对准卡上的二维码。' }
  if (link.slug !== slug) return { problem: '这张卡不是本店的，请到卡上写的店铺提货。' }
  return { number: link.number }
}

/** What stands in the number's field: whatever was typed, or a card's whole link that a scanner typed or somebody pasted. */
export function typedNumber(typed: string, slug: string): Scanned {
  return /^\s*https?:\/\//i.test(typed) ? parseScan(typed, slug) : { number: typed.trim() }
}

function linkIn(content: string): Link | null {
  if (!/^https?:\/\//i.test(content)) return null
  try {
    return parsePath(new URL(content).pathname)
  } catch {
    return null
  }
}

/** The way the server compares numbers: no spaces or dashes, half-width, capitals, look-alikes as digits. */
export function sameNumber(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

function plain(number: string): string {
  const compact = number.normalize('NFKC').toUpperCase().replace(/[\s\-\u2010-\u2015\u2212_.·]/g, '')
  return compact.replace(/O/g, '0').replace(/[IL]/g, '1')
}
