import { buttonOf, contrast, isColour, pageChecks, pageOf, ratioWords, themeChecks, wordsOf } from '@/components/contrast'
import { describe, expect, it } from 'vitest'

describe('contrast', () => {
  it('agrees with WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
    expect(contrast('#ffffff', '#ffffff')).toBe(1)
  })

  it.each(['#07C160', '#0e7a5f', '#C2410C', '#1D5FB4', '#000000'])('deepens %s until white can be read on it', (colour) => {
    const { ground, ink } = buttonOf(colour)
    expect(ink).toBe('#ffffff')
    expect(contrast(ground, ink)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['#ffd400', '#ffffff'])('leaves %s as it is, with dark words', (colour) => {
    expect(buttonOf(colour)).toEqual({ ground: colour, ink: '#191919' })
    expect(contrast(colour, '#191919')).toBeGreaterThanOrEqual(4.5)
  })

  it('knows a colour when it sees one', () => {
    expect(isColour('#07C160')).toBe(true)
    expect(isColour('07C160')).toBe(false)
    expect(isColour('#fff')).toBe(false)
  })
})

describe('the page of a colour', () => {
  it.each(['#ffffff', '#fff7e8', '#8c1d18', '#777777', '#767676', '#747474', '#000000', '#07c160', '#0000ff'])('bears words of every kind on %s', (colour) => {
    const { ground, ink, soft, link } = pageOf(colour, false)
    expect(ground).toBe(colour)
    for (const words of [ink, soft, link]) expect(contrast(words, ground)).toBeGreaterThanOrEqual(4.5)
  })

  it('is neutral where nothing, or nothing that is a colour, was chosen, and the night is left alone', () => {
    expect(pageOf('', false).ground).toBe('#ededed')
    expect(pageOf('red', false).ground).toBe('#ededed')
    expect(pageOf('#8c1d18', true).ground).toBe('#111111')
    const night = pageOf('#8c1d18', true)
    for (const words of [night.ink, night.soft, night.link]) expect(contrast(words, night.ground)).toBeGreaterThanOrEqual(4.5)
  })

  it('moves words only as far as needed', () => {
    expect(wordsOf('#c0352b', '#ffffff', '#000000')).toBe('#c0352b')
    const moved = wordsOf('#07c160', '#ededed', '#000000')
    expect(moved).not.toBe('#000000')
    expect(contrast(moved, '#ededed')).toBeGreaterThanOrEqual(4.5)
  })
})

describe('what is said about colours', () => {
  it('gives the figure, never rounded up to a pass', () => {
    expect(ratioWords(4.4999)).toBe('4.4 : 1')
    expect(ratioWords(21)).toBe('21.0 : 1')
  })

  it('says what the page does with a green that white cannot be read on', () => {
    const [button, words] = themeChecks('#07C160', '')
    expect(button).toMatchObject({ passes: false })
    expect(button?.words).toContain(buttonOf('#07C160').ground.toUpperCase())
    expect(button?.words).toContain('请选深一些的颜色')
    expect(words).toMatchObject({ passes: false })
    expect(themeChecks('#07C160', '')).toHaveLength(2)
  })

  it('passes a deep red, tells of dark words on yellow, and looks at the page as well', () => {
    expect(themeChecks('#A0201A', '').every((check) => check.passes)).toBe(true)
    expect(themeChecks('#FFD400', '')[0]?.words).toContain('按钮改用深色字')
    const [, , onPage] = themeChecks('#8C1D18', '#7A1410')
    expect(onPage).toMatchObject({ passes: false })
    expect(onPage?.words).toContain('调浅')
  })

  it('judges the ground by dark words on it', () => {
    expect(pageChecks('')).toMatchObject([{ passes: true }])
    expect(pageChecks('#FFF7E8')).toMatchObject([{ passes: true }])
    const [deep] = pageChecks('#8C1D18')
    expect(deep).toMatchObject({ passes: false })
    expect(deep?.words).toContain('改用白字')
  })
})
