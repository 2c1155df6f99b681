import { contrast, isColour, buttonOf } from '@/components/contrast'
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
