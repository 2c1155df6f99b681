/** A remote's "back" has many names: televisions' browsers agree on none. Escape is the keyboard's. */
const NAMES = ['Escape', 'Esc', 'GoBack', 'XF86Back', 'BrowserBack']
/** HbbTV and webOS; Tizen. They may give no name at all. */
const CODES = [461, 10009]

export function isBack(event: KeyboardEvent): boolean {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false
  return NAMES.includes(event.key) || CODES.includes(event.keyCode)
}

/** `back`: true when there was something to go back to; otherwise the television closes the page, as it should. */
export function installBackKey(doc: Document, back: () => boolean): void {
  doc.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || !isBack(event)) return
    // With a mouse nobody expects Escape to leave a page.
    const byMouse = event.key.startsWith('Esc') && !doc.documentElement.classList.contains('keys')
    if (!byMouse && back()) event.preventDefault()
  })
}
