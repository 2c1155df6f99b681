/** China's divisions for the choosers, as the storefront's picker has them. */
import type { Area } from '@/api/types'

export interface AreaNode extends Area {
  /** With those above it: 广东省 深圳市 南山区. */
  path: string
  children?: AreaNode[]
}

export interface Areas {
  tree: AreaNode[]
  byCode: Map<string, AreaNode>
}

type Lists = Record<'province_list' | 'city_list' | 'county_list', Record<string, string>>

export function makeAreas(lists: Lists): Areas {
  const tree: AreaNode[] = []
  const byCode = new Map<string, AreaNode>()
  const add = (code: string, name: string, parent: AreaNode | undefined) => {
    // 北京市 北京市 东城区 is said as 北京市 东城区.
    const node: AreaNode = { code, name, path: parent ? (parent.path.endsWith(name) ? parent.path : `${parent.path} ${name}`) : name }
    byCode.set(code, node)
    if (parent) (parent.children ??= []).push(node)
    else tree.push(node)
  }
  for (const [code, name] of Object.entries(lists.province_list)) add(code, name, undefined)
  for (const [code, name] of Object.entries(lists.city_list)) add(code, name, byCode.get(`${code.slice(0, 2)}0000`))
  for (const [code, name] of Object.entries(lists.county_list)) add(code, name, byCode.get(`${code.slice(0, 4)}00`))
  return { tree, byCode }
}

let loading: Promise<Areas> | undefined

/** 32 kB gzipped, so only when somebody chooses. A failed load is tried again the next time. */
export function loadAreas(): Promise<Areas> {
  loading ??= import('@vant/area-data').then(
    ({ areaList }) => makeAreas(areaList),
    (reason: unknown) => {
      loading = undefined
      throw reason
    },
  )
  return loading
}

/** The parents of a code, from the province down. */
function above(code: string): string[] {
  return [`${code.slice(0, 2)}0000`, `${code.slice(0, 4)}00`].filter((one) => one !== code)
}

/** The fewest areas that say the same: what lies in an area that is there itself goes. In the order of the code list. */
export function fewest(codes: readonly string[]): string[] {
  const all = new Set(codes)
  return [...all].filter((code) => !above(code).some((one) => all.has(one))).sort()
}
