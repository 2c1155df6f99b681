/** China's divisions as @vant/area-data has them: six-digit code → name, by level. */
export interface Areas {
  province_list: Record<string, string>
  city_list: Record<string, string>
  county_list: Record<string, string>
}

export interface Region {
  code: string
  name: string
}

export interface Chosen {
  province: string
  city: string
  district: string
  region_code: string
}

/** 33 kB gzipped, so only when somebody picks. */
export async function loadAreas(): Promise<Areas> {
  return (await import('@vant/area-data')).areaList
}

function below(list: Record<string, string>, prefix: string): Region[] {
  return Object.keys(list)
    .filter((code) => code.startsWith(prefix))
    .map((code) => ({ code, name: list[code] ?? '' }))
}

/** The choices of the next level; none when the path is complete (some cities have no districts). */
export function choices(areas: Areas, path: readonly Region[]): Region[] {
  const last = path[path.length - 1]
  if (!last) return below(areas.province_list, '')
  if (path.length === 1) return below(areas.city_list, last.code.slice(0, 2))
  if (path.length === 2) return below(areas.county_list, last.code.slice(0, 4))
  return []
}

export function chosen(path: readonly Region[]): Chosen {
  const [province, city, district] = path
  return {
    province: province?.name ?? '',
    city: city?.name ?? province?.name ?? '',
    district: district?.name ?? '',
    region_code: path[path.length - 1]?.code ?? '',
  }
}

/** Back from a code to the path, to reopen the picker where it was left. */
export function pathTo(areas: Areas, code: string | null): Region[] {
  if (!code) return []
  const steps: [Record<string, string>, string][] = [
    [areas.province_list, `${code.slice(0, 2)}0000`],
    [areas.city_list, `${code.slice(0, 4)}00`],
    [areas.county_list, code],
  ]
  return steps.reduce<Region[]>((path, [list, step]) => {
    const name = list[step]
    return name === undefined ? path : [...path, { code: step, name }]
  }, [])
}
