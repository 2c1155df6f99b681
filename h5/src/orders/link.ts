/** The token in `/c/{slug}/o/{token}`, an order's own link; null for any other address. */
export function parseOrderPath(pathname: string): { slug: string; token: string } | null {
  const [, slug, token] = /^\/c\/([^/]+)\/o\/([\w-]+)\/?$/.exec(pathname) ?? []
  if (!slug || !token) return null
  try {
    return { slug: decodeURIComponent(slug), token }
  } catch {
    return null
  }
}
