const NEUTRAL = '#07c160'
const INK = '#191919'
const LINK = '#4a5a85'

/** @typedef {Pick<import('../../api/types').Storefront, 'theme_color' | 'page_color'>} Colours */

/** Anything but #rrggbb is no colour: it would become part of a style. @param {string | undefined} colour */
function isColour(colour) {
  return /^#[0-9a-f]{6}$/i.test(colour || '')
}

/** From 0, black, to 255, white. @param {string} colour */
function brightness(colour) {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
  return (r * 299 + g * 587 + b * 114) / 1000
}

/** @param {Colours | null} shop */
function themeColour(shop) {
  return shop && isColour(shop.theme_color) ? shop.theme_color : NEUTRAL
}

/**
 * The merchant's colours as CSS variables for a page's root, with text colours that can be read, on them and in them.
 * @param {Colours | null} shop
 */
function themeStyle(shop) {
  const theme = themeColour(shop)
  const light = brightness(theme) > 170
  const style = `--theme:${theme};--on-theme:${light ? INK : '#ffffff'};--theme-ink:${light ? INK : theme}`
  if (!shop || !isColour(shop.page_color)) return style
  const dark = brightness(shop.page_color) < 140
  const ink = dark ? '255,255,255' : '0,0,0'
  return `${style};--page:${shop.page_color};--page-ink:rgba(${ink},0.9);--page-soft:rgba(${ink},${dark ? 0.75 : 0.6});--page-link:${dark ? '#ffffff' : LINK}`
}

module.exports = { themeColour, themeStyle }
