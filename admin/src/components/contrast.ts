/** WCAG contrast, for the merchant's colour under the words of a button. */

function channel(value: number): number {
  const c = value / 255
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
}

function luminance(hex: string): number {
  const n = parseInt(hex.slice(1), 16)
  return 0.2126 * channel(n >> 16) + 0.7152 * channel((n >> 8) & 255) + 0.0722 * channel(n & 255)
}

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

export function isColour(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text)
}

/** WCAG AA for text. */
const READABLE = 4.5

/** Beyond this share of black a bright colour turns to mud: yellow to olive. */
const MUDDY = 0.4

function darkened(colour: string, share: number): string {
  const n = parseInt(colour.slice(1), 16)
  const part = (at: number) => Math.round(((n >> at) & 255) * (1 - share))
  return `#${[16, 8, 0].map((at) => part(at).toString(16).padStart(2, '0')).join('')}`
}

/** The storefront's buttons: deepened until white can be read on them; a colour too bright for that takes dark words. */
export function buttonOf(colour: string): { ground: string; ink: '#ffffff' | '#191919' } {
  for (let share = 0; share <= MUDDY; share += 0.04) {
    const tried = darkened(colour, share)
    if (contrast(tried, '#ffffff') >= READABLE) return { ground: tried, ink: '#ffffff' }
  }
  return { ground: colour, ink: '#191919' }
}
