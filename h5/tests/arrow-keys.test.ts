import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { distance, installArrowKeys } from '../src/arrow-keys'

function box(left: number, top: number, width = 100, height = 40) {
  return { left, top, right: left + width, bottom: top + height, width, height }
}

/** jsdom lays nothing out: each element says where it is. */
function place(html: string) {
  document.body.innerHTML = html
  for (const element of document.querySelectorAll<HTMLElement>('[data-at]')) {
    const [left = 0, top = 0] = (element.dataset.at ?? '').split(',').map(Number)
    element.getBoundingClientRect = () => box(left, top) as DOMRect
  }
}

function press(key: string, from: Element = document.activeElement ?? document.body) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
  from.dispatchEvent(event)
  return event
}

function focus(id: string) {
  document.getElementById(id)?.focus()
}

const at = () => document.activeElement?.id

beforeAll(() => {
  installArrowKeys(document)
  Object.defineProperty(document.documentElement, 'clientHeight', { value: 600 })
  Object.defineProperty(document.documentElement, 'clientWidth', { value: 400 })
})

beforeEach(() => {
  document.documentElement.className = ''
  place(`
    <button id="a" data-at="0,0"></button> <button id="b" data-at="200,0"></button>
    <button id="c" data-at="0,100"></button> <button id="d" data-at="200,100"></button>
    <button id="off" data-at="0,150" disabled></button> <button id="far" data-at="0,2000"></button>`)
})

describe('distance', () => {
  it('knows what is ahead', () => {
    expect(distance(box(0, 0), box(0, 100), 'down')).toBeLessThan(Infinity)
    expect(distance(box(0, 0), box(0, 100), 'up')).toBe(Infinity)
    expect(distance(box(0, 0), box(200, 100), 'right')).toBe(Infinity)
  })
})

describe('arrow keys', () => {
  it('move the focus in the grid and show the ring', () => {
    focus('a')
    press('ArrowRight')
    expect(at()).toBe('b')
    press('ArrowDown')
    expect(at()).toBe('d')
    press('ArrowLeft')
    expect(at()).toBe('c')
    press('ArrowUp')
    expect(at()).toBe('a')
    expect(document.documentElement.classList).toContain('keys')
  })

  it('start at the top when nothing has the focus', () => {
    press('ArrowDown', document.body)
    expect(at()).toBe('a')
  })

  it('leave scrolling to the browser where nothing is near', () => {
    focus('c')
    expect(press('ArrowDown').defaultPrevented).toBe(false)
    expect(at()).toBe('c')
  })

  it('know old names of keys and leave combinations alone', () => {
    focus('a')
    press('Down')
    expect(at()).toBe('c')
    const combined = new KeyboardEvent('keydown', { key: 'ArrowUp', altKey: true, bubbles: true })
    document.activeElement?.dispatchEvent(combined)
    expect(at()).toBe('c')
  })

  it('stay in a dialog', () => {
    place('<button id="under" data-at="0,0"></button><div role="dialog"><button id="in" data-at="0,100"></button></div>')
    focus('in')
    press('ArrowUp')
    expect(at()).toBe('in')
  })
})

describe('arrow keys in a text', () => {
  beforeEach(() => {
    place('<input id="one" data-at="0,0" value="abc"><button id="right" data-at="200,0"></button><textarea id="two" data-at="0,100">x</textarea>')
    focus('one')
  })

  const caret = (id: string, position: number) => {
    (document.getElementById(id) as HTMLInputElement).setSelectionRange(position, position)
  }

  it('move the caret first and leave at its end', () => {
    caret('one', 1)
    press('ArrowRight')
    expect(at()).toBe('one')
    caret('one', 3)
    press('ArrowRight')
    expect(at()).toBe('right')
  })

  it('go up and down between fields', () => {
    caret('one', 1)
    press('ArrowDown')
    expect(at()).toBe('two')
    caret('two', 1)
    press('ArrowUp')
    expect(at()).toBe('two')
    caret('two', 0)
    press('ArrowUp')
    expect(at()).toBe('one')
  })

  it('never take a selection or an input method away', () => {
    (document.getElementById('one') as HTMLInputElement).setSelectionRange(0, 3)
    press('ArrowRight')
    expect(at()).toBe('one')
    const composing = new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, isComposing: true })
    document.activeElement?.dispatchEvent(composing)
    expect(at()).toBe('one')
  })
})
