import type { Area, ProductView } from '../api/types'

/** A division's code ends in zeros for all that lies in it: 330000 covers 330100, which covers 330106. */
export function covers(area: string, code: string): boolean {
  const significant = area.endsWith('0000') ? 2 : area.endsWith('00') ? 4 : 6
  return area.slice(0, significant) === code.slice(0, significant)
}

type Delivery = Pick<ProductView, 'undeliverable' | 'undeliverable_note'>

/** Why nothing is sent there, in the server's words; empty if it is, or if nobody knows where it is. */
export function areaProblem(product: Delivery, code: string | null): string {
  const area = code ? product.undeliverable.find((one) => covers(one.code, code)) : undefined
  if (!area) return ''
  const note = product.undeliverable_note
  return `抱歉，${area.name}暂不发货，请更换收货地址${note ? `（${note}）` : ''}`
}

export function areaNames(areas: readonly Area[]): string {
  return areas.map((area) => area.name).join('、')
}

/** The areas of all the products, if they are the same: then they need be said only once. */
export function sharedAreas(products: readonly Delivery[]): Delivery | null {
  const said = products.map((one) => JSON.stringify([one.undeliverable, one.undeliverable_note]))
  const first = products[0]
  return first && first.undeliverable.length > 0 && new Set(said).size === 1 ? first : null
}
