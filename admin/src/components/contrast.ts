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

/** The ink of the storefront's buttons: white where it can be read, else near black. The storefront decides the same way. */
export function readableOn(colour: string): '#ffffff' | '#191919' {
  return contrast(colour, '#ffffff') >= READABLE ? '#ffffff' : '#191919'
}
