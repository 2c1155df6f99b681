/** 38800 → "388"; 38850 → "388.50"; null → "". Never floating point arithmetic on money. */
export function yuan(fen: number | null | undefined): string {
  if (fen === null || fen === undefined) return ''
  const sign = fen < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(fen) / 100)
  const rest = Math.abs(fen) % 100
  const text = String(whole).replace(/\B(?=(\d{3})+$)/g, ',')
  return rest === 0 ? sign + text : `${sign}${text}.${String(rest).padStart(2, '0')}`
}

/** "388.5" → 38850; "" → null; anything that is not money → NaN. */
export function fenFrom(text: string): number | null {
  const plain = text.trim().replace(/[,，\s]/g, '').replace(/^[¥￥]/, '')
  if (plain === '') return null
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(plain)
  if (!match) return NaN
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}

export function count(n: number): string {
  return n.toLocaleString('zh-CN')
}

const two = (n: number) => String(n).padStart(2, '0')

function dayStart(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** Times as a person says them: 今天 14:03, 昨天 09:10, 11-02 08:00, 2025-11-02 08:00. */
export function when(iso: string | null | undefined, now: Date = new Date()): string {
  if (!iso) return ''
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  const days = Math.round((dayStart(now) - dayStart(at)) / 86_400_000)
  if (days === 0) return `今天 ${clock}`
  if (days === 1) return `昨天 ${clock}`
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return at.getFullYear() === now.getFullYear() ? `${day} ${clock}` : `${at.getFullYear()}-${day} ${clock}`
}

export function fullTime(iso: string | null | undefined): string {
  if (!iso) return ''
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

export function validity(from: string | null, until: string | null): string {
  if (from && until) return `${from} 至 ${until}`
  if (from) return `${from} 起`
  if (until) return `至 ${until}`
  return '长期有效'
}
