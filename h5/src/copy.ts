/** The clipboard API wants https and a recent browser; the old command works in the rest of WeChat. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const active = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  // Read-only keeps the phone's keyboard away.
  area.readOnly = true
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.appendChild(area)
  area.select()
  area.setSelectionRange(0, text.length)
  let copied = false
  try {
    // Deprecated, and the only way there.
    copied = document.execCommand('copy')
  } catch {
    copied = false
  }
  area.remove()
  if (active instanceof HTMLElement) active.focus()
  return copied
}
