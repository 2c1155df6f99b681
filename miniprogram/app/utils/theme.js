const NEUTRAL = '#07c160'
const INK = '#191919'

/**
 * The merchant's colour as CSS variables for a page's root, with text colours that can be read, on it and in it.
 * Anything but #rrggbb is left out: it would become part of a style.
 * @param {string | undefined} colour
 */
function themeStyle(colour) {
  const theme = /^#[0-9a-f]{6}$/i.test(colour || '') ? String(colour) : NEUTRAL
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(theme.slice(at, at + 2), 16))
  const bright = (r * 299 + g * 587 + b * 114) / 1000
  const light = bright > 170
  return `--theme:${theme};--on-theme:${light ? INK : '#ffffff'};--theme-ink:${light ? INK : theme}`
}

module.exports = { themeStyle }
