type Rgb = readonly [number, number, number]

const WHITE: Rgb = [255, 255, 255]
const BLACK: Rgb = [0, 0, 0]
const DARK = 'rgba(0, 0, 0, 0.9)'
const WEUI_GREEN: Rgb = [7, 193, 96]
/** WCAG AA for text. */
const READABLE = 4.5

export function parseColor(hex: string): Rgb | null {
  const [, long] = /^#([0-9a-f]{6})$/i.exec(hex) ?? []
  if (!long) return null
  return [parseInt(long.slice(0, 2), 16), parseInt(long.slice(2, 4), 16), parseInt(long.slice(4, 6), 16)]
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((byte) => {
    const part = byte / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function mix(color: Rgb, other: Rgb, share: number): Rgb {
  const at = (i: 0 | 1 | 2) => Math.round(color[i] + (other[i] - color[i]) * share)
  return [at(0), at(1), at(2)]
}

/** The colour, moved towards black or white just far enough to be read against `ground`. */
function readable(color: Rgb, ground: Rgb, towards: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.04) {
    const tried = mix(color, towards, share)
    if (contrast(tried, ground) >= READABLE) return tried
  }
  return towards
}

function css([r, g, b]: Rgb): string {
  return `rgb(${r}, ${g}, ${b})`
}

/** Beyond this share of black a bright colour turns to mud: yellow to olive. */
const MUDDY = 0.4

/** A plane of the colour, as of a button: deep with white on it where the colour bears that, else the colour itself with dark text. */
function plane(color: Rgb): { ground: Rgb; text: string } {
  const deep = readable(color, WHITE, BLACK)
  const isMud = contrast(mix(color, BLACK, MUDDY), WHITE) < READABLE
  return isMud ? { ground: color, text: DARK } : { ground: deep, text: '#fff' }
}

/** WeUI's own ground in the light. */
const NEUTRAL: Rgb = [237, 237, 237]
const INK: Rgb = [25, 25, 25]

/**
 * The ground of the page in the light and what can be read on it. A ground that bears neither black nor white well
 * enough does not exist: one of them always reaches 4.58.
 */
function groundOf(color: Rgb, brand: Rgb): Record<string, string> {
  const dark = contrast(color, BLACK) >= contrast(color, WHITE)
  const text = dark ? INK : WHITE
  const towards = dark ? BLACK : WHITE
  // Softer than the text, as far as it stays readable.
  const soft = readable(mix(text, color, 0.4), color, towards)
  return {
    '--page-light': css(color),
    '--on-page-light': contrast(text, color) >= READABLE ? css(text) : css(towards),
    '--on-page-soft-light': css(soft),
    '--brand-on-page-light': css(readable(brand, color, towards)),
    '--link-on-page-light': css(readable([87, 107, 149], color, towards)),
  }
}

/** The merchant's colour with text that can be read on it, and the colour as text on our own grounds. */
export function themeOf(hex: string, page = ''): Record<string, string> {
  const color = parseColor(hex) ?? WEUI_GREEN
  const face = plane(color)
  return {
    '--brand': css(face.ground),
    // Set here because WeUI's rule for the dark outweighs ours.
    '--weui-BRAND': css(face.ground),
    '--on-brand': face.text,
    ...groundOf(parseColor(page) ?? NEUTRAL, color),
    // WeUI's darkest light ground, and about its lightest dark panel.
    '--brand-text-light': css(readable(color, [237, 237, 237], BLACK)),
    '--brand-text-dark': css(readable(color, [35, 35, 35], WHITE)),
  }
}

/** `page`: of the page's ground, in the light only; empty is WeUI's own. */
export function applyTheme(element: HTMLElement, hex: string, page = ''): void {
  const theme = themeOf(hex, page)
  for (const name of Object.keys(theme)) element.style.setProperty(name, theme[name] ?? '')
}
