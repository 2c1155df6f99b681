import { contrast, isColour, readableOn } from '@/components/contrast'
import { describe, expect, it } from 'vitest'

describe('contrast', () => {
  it('agrees with WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
    expect(contrast('#ffffff', '#ffffff')).toBe(1)
  })

  it('puts dark words on the default green and white ones on dark colours', () => {
    expect(readableOn('#07C160')).toBe('#191919')
    expect(readableOn('#0e7a5f')).toBe('#ffffff')
  })

  it('knows a colour when it sees one', () => {
    expect(isColour('#07C160')).toBe(true)
    expect(isColour('07C160')).toBe(false)
    expect(isColour('#fff')).toBe(false)
  })
})
