/** The tab's title: page name, and in front of it how many orders came while nobody was looking. */

const PRODUCT = '提货后台'
let page = ''
let missed = 0

function show(): void {
  const name = page ? `${page} · ${PRODUCT}` : PRODUCT
  document.title = missed > 0 ? `(${missed > 99 ? '99+' : missed}) ${name}` : name
}

export function setPageTitle(name: string): void {
  page = name
  show()
}

export function addMissed(): void {
  missed += 1
  show()
}

export function clearMissed(): void {
  missed = 0
  show()
}
