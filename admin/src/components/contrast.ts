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

/** What the storefront shows where nothing is chosen: WeUI's grounds. */
export const NEUTRAL_PAGE = '#ededed'
export const DARK_PAGE = '#111111'

const DARK_INK = '#191919'

function mixed(colour: string, other: string, share: number): string {
  const [a, b] = [parseInt(colour.slice(1), 16), parseInt(other.slice(1), 16)]
  const part = (at: number) => Math.round(((a >> at) & 255) + (((b >> at) & 255) - ((a >> at) & 255)) * share)
  return `#${[16, 8, 0].map((at) => part(at).toString(16).padStart(2, '0')).join('')}`
}

/** The colour as words on a ground: moved towards black or white just far enough to be read. */
export function wordsOf(colour: string, ground: string, towards: '#000000' | '#ffffff'): string {
  for (let share = 0; share < 1; share += 0.04) {
    const tried = mixed(colour, towards, share)
    if (contrast(tried, ground) >= READABLE) return tried
  }
  return towards
}

export interface Page {
  ground: string
  ink: string
  /** For what is less important; still to be read. */
  soft: string
  link: string
  /** Which way words are moved to be read on it. */
  towards: '#000000' | '#ffffff'
}

/** The page's ground with words that can be read on it; in the dark the storefront keeps to WeUI's. */
export function pageOf(colour: string, dark: boolean): Page {
  if (dark) return { ground: DARK_PAGE, ink: '#d4d4d4', soft: '#959595', link: '#7d90a9', towards: '#ffffff' }
  const ground = isColour(colour) ? colour : NEUTRAL_PAGE
  // One of the two always reaches 4.58.
  const towards = contrast('#000000', ground) >= contrast('#ffffff', ground) ? '#000000' : '#ffffff'
  const ink = towards === '#ffffff' ? '#ffffff' : contrast(DARK_INK, ground) >= READABLE ? DARK_INK : '#000000'
  return { ground, ink, soft: wordsOf(mixed(ink, ground, 0.4), ground, towards), link: wordsOf('#576b95', ground, towards), towards }
}

export interface Check {
  /** What stands on what. */
  what: string
  ratio: number
  passes: boolean
  /** What to do about it, and what the page does by itself. */
  words: string
}

const figure = (ratio: number) => Math.floor(ratio * 10) / 10

/** 4.56 → "4.5 : 1"; never rounded up to a pass. */
export function ratioWords(ratio: number): string {
  return `${figure(ratio).toFixed(1)} : 1`
}

/** The merchant's colour: white words on buttons of it, and itself as words on light panels and on the page. */
export function themeChecks(colour: string, page: string): Check[] {
  const white = contrast(colour, '#ffffff')
  const button = buttonOf(colour)
  const checks = [
    {
      what: '按钮：白字在主题色上',
      ratio: white,
      passes: white >= READABLE,
      words:
        white >= READABLE
          ? '看得清楚，按原样显示。'
          : button.ink === '#ffffff'
            ? `不够清楚。前台会自动把按钮加深为 ${button.ground.toUpperCase()}（${ratioWords(contrast(button.ground, '#ffffff'))}）；想要按原样显示，请选深一些的颜色。`
            : `太亮，加深会发脏。前台保留这个颜色，按钮改用深色字（${ratioWords(contrast(colour, button.ink))}）。`,
    },
    asWords('重点文字：主题色在浅色卡片上', colour, pageOf('', false)),
  ]
  return isColour(page) ? [...checks, asWords('重点文字：主题色在页面底色上', colour, pageOf(page, false))] : checks
}

function asWords(what: string, colour: string, { ground, towards }: Page): Check {
  const ratio = contrast(colour, ground)
  const shown = wordsOf(colour, ground, towards)
  const words = `不够清楚。前台会自动把这类文字调${towards === '#000000' ? '深' : '浅'}为 ${shown.toUpperCase()}（${ratioWords(contrast(shown, ground))}）。`
  return { what, ratio, passes: ratio >= READABLE, words: ratio >= READABLE ? '看得清楚，按原样显示。' : words }
}

/** The page's ground: the words on it. */
export function pageChecks(page: string): Check[] {
  const { ground, ink, towards } = pageOf(page, false)
  const ratio = contrast(DARK_INK, ground)
  const own = `（${ratioWords(contrast(ink, ground))}）`
  const instead = towards === '#ffffff' ? `底色较深。前台会自动改用白字${own}；想保留深色字，请选浅一些的底色。` : `略深。前台会自动把字加深到纯黑${own}，也可以选浅一些的底色。`
  return [{ what: '正文：深色字在底色上', ratio, passes: ratio >= READABLE, words: ink === DARK_INK ? '看得清楚，按原样显示。' : instead }]
}
