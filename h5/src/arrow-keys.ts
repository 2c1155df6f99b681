/** A television's remote has arrows and OK. Arrows move the focus; OK is Enter, which browsers know already. */

type Direction = 'up' | 'down' | 'left' | 'right'
type Box = Pick<DOMRect, 'top' | 'bottom' | 'left' | 'right'>

const DIRECTIONS: Record<string, Direction | undefined> = {
  ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right',
  // Older televisions.
  Up: 'up', Down: 'down', Left: 'left', Right: 'right',
}

const FOCUSABLE = 'a[href], button, input, textarea, select, summary, video[controls], [tabindex="0"]'

export function installArrowKeys(doc: Document): void {
  doc.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const direction = DIRECTIONS[event.key]
    if (event.key === 'Tab' || direction) doc.documentElement.classList.add('keys')
    if (!direction || staysInside(event, direction)) return
    const next = neighbour(doc, direction)
    if (!next) return
    event.preventDefault()
    next.focus()
  })
  doc.addEventListener('pointerdown', () => { doc.documentElement.classList.remove('keys') })
}

/** Where the arrow has a meaning of its own, it keeps it. */
function staysInside(event: KeyboardEvent, direction: Direction): boolean {
  const target = event.target
  const sideways = direction === 'left' || direction === 'right'
  // Up and down choose; left and right are the way out.
  if (target instanceof HTMLSelectElement) return !sideways
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) {
    if (!sideways && target instanceof HTMLInputElement) return false
    // A held key stops at the end of the text instead of leaving the field.
    return event.repeat || !caretAtEdge(target, direction)
  }
  return target instanceof HTMLElement && target.isContentEditable
}

function caretAtEdge(field: HTMLInputElement | HTMLTextAreaElement, direction: Direction): boolean {
  const { selectionStart: start, selectionEnd: end, value } = field
  if (start === null) return true
  if (start !== end) return false
  return direction === 'up' || direction === 'left' ? start === 0 : end === value.length
}

function neighbour(doc: Document, direction: Direction): HTMLElement | null {
  const dialogs = doc.querySelectorAll('[role="dialog"]')
  const scope = dialogs[dialogs.length - 1] ?? doc
  const active = doc.activeElement instanceof HTMLElement && doc.activeElement !== doc.body ? doc.activeElement : null
  const height = doc.documentElement.clientHeight
  const from = active?.getBoundingClientRect() ?? startingEdge(direction, height, doc.documentElement.clientWidth)
  let best: HTMLElement | null = null
  let bestScore = Infinity
  for (const element of Array.from(scope.querySelectorAll<HTMLElement>(FOCUSABLE))) {
    if (element === active || element.hasAttribute('disabled')) continue
    const box = element.getBoundingClientRect()
    if (box.width === 0 || box.height === 0) continue
    // What lies beyond half a screen is reached by scrolling, or the text in between would never be seen.
    if (box.top > height * 1.5 || box.bottom < -height * 0.5) continue
    const score = distance(from, box, direction)
    if (score < bestScore) [best, bestScore] = [element, score]
  }
  return best
}

function startingEdge(direction: Direction, height: number, width: number): Box {
  if (direction === 'up' || direction === 'left') return { top: height, bottom: height, left: width, right: width }
  return { top: 0, bottom: 0, left: 0, right: 0 }
}

/** How far `box` is in this direction; Infinity when it isn't there. Exported for its tests. */
export function distance(from: Box, box: Box, direction: Direction): number {
  const sideways = direction === 'left' || direction === 'right'
  const ahead = {
    up: from.top - box.bottom, down: box.top - from.bottom, left: from.left - box.right, right: box.left - from.right,
  }[direction]
  // A pixel of overlap is rounding or a shared hairline.
  if (ahead < -1) return Infinity
  const aside = sideways
    ? Math.max(0, box.top - from.bottom, from.top - box.bottom)
    : Math.max(0, box.left - from.right, from.left - box.right)
  // Left and right stay in the row.
  if (sideways && (box.top >= from.bottom || box.bottom <= from.top)) return Infinity
  const centres = sideways
    ? Math.abs(box.top + box.bottom - from.top - from.bottom)
    : Math.abs(box.left + box.right - from.left - from.right)
  return ahead + aside * 2 + centres / 100
}
