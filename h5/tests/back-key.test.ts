import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { installBackKey, isBack } from '../src/back-key'

const back = vi.fn<() => boolean>()

function press(key: string, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  document.body.dispatchEvent(event)
  return event
}

beforeAll(() => { installBackKey(document, back) })
beforeEach(() => {
  back.mockReset().mockReturnValue(true)
  document.documentElement.className = ''
})

describe('the key for "back"', () => {
  it.each(['GoBack', 'XF86Back', 'BrowserBack'])('may be %s', (key) => {
    expect(press(key).defaultPrevented).toBe(true)
    expect(back).toHaveBeenCalledTimes(1)
  })

  it.each([461, 10009])('may be a mere %s', (keyCode) => {
    press('Unidentified', { keyCode })
    expect(back).toHaveBeenCalledTimes(1)
  })

  it('is Escape only for those who use keys', () => {
    press('Escape')
    expect(back).not.toHaveBeenCalled()
    document.documentElement.classList.add('keys')
    press('Escape')
    expect(back).toHaveBeenCalledTimes(1)
  })

  it('is left to the television where there is nothing to go back to', () => {
    back.mockReturnValue(false)
    expect(press('GoBack').defaultPrevented).toBe(false)
  })

  it('is none in the middle of an input method, or with another key', () => {
    expect(isBack(new KeyboardEvent('keydown', { key: 'Escape', isComposing: true }))).toBe(false)
    expect(isBack(new KeyboardEvent('keydown', { key: 'Escape', ctrlKey: true }))).toBe(false)
    expect(isBack(new KeyboardEvent('keydown', { key: 'Backspace' }))).toBe(false)
  })
})
