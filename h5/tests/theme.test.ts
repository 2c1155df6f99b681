import { describe, expect, it } from 'vitest'
import { applyTheme, contrast, parseColor, themeOf } from '../src/theme'

function rgb(text: string | undefined) {
  const [r, g, b] = (text?.match(/\d+/g) ?? []).map(Number)
  return [r ?? 0, g ?? 0, b ?? 0] as const
}

describe('themeOf', () => {
  it('writes dark on bright colours and white on deep ones', () => {
    expect(themeOf('#07C160')['--on-brand']).toBe('#fff')
    expect(themeOf('#ffd400')['--on-brand']).toBe('rgba(0, 0, 0, 0.9)')
    expect(themeOf('#1a5fb4')['--on-brand']).toBe('#fff')
  })

  it.each(['#07C160', '#ffd400', '#1a5fb4', '#ffffff', '#000000', '#e64340'])('keeps %s readable everywhere', (hex) => {
    const theme = themeOf(hex)
    const onBrand = theme['--on-brand'] === '#fff' ? ([255, 255, 255] as const) : ([25, 25, 25] as const)
    expect(contrast(rgb(theme['--brand']), onBrand)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(rgb(theme['--brand-text-light']), [237, 237, 237])).toBeGreaterThanOrEqual(4.5)
    expect(contrast(rgb(theme['--brand-text-dark']), [25, 25, 25])).toBeGreaterThanOrEqual(4.5)
  })

  it('never turns yellow to olive', () => {
    expect(themeOf('#ffd400')).toMatchObject({ '--brand': 'rgb(255, 212, 0)', '--on-brand': 'rgba(0, 0, 0, 0.9)' })
    expect(themeOf('#07c160')['--on-brand']).toBe('#fff')
  })

  it('falls back to WeUI green', () => {
    expect(themeOf('url(x)')).toEqual(themeOf('#07c160'))
    expect(parseColor('red')).toBeNull()
  })

  it('is set on the element', () => {
    applyTheme(document.body, '#1a5fb4')
    expect(document.body.style.getPropertyValue('--brand')).toBe('rgb(26, 95, 180)')
  })

  it.each(['#FFF3E0', '#ffffff', '#000000', '#777777', '#c62828', '#ffd400', '#1a5fb4'])('can be read on a page of %s', (page) => {
    const theme = themeOf('#07C160', page)
    const ground = rgb(theme['--page-light'])
    for (const name of ['--on-page-light', '--on-page-soft-light', '--brand-on-page-light', '--link-on-page-light']) {
      expect(contrast(rgb(theme[name]), ground), name).toBeGreaterThanOrEqual(4.5)
    }
  })

  it("keeps WeUI's own ground where the merchant has none", () => {
    expect(themeOf('#07C160', '')['--page-light']).toBe('rgb(237, 237, 237)')
    expect(themeOf('#07C160', 'red')['--page-light']).toBe('rgb(237, 237, 237)')
  })
})
