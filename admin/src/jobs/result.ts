/** What a job has made, read from its result; null where the job is of another kind or has not got that far. */
import type { Finding, JobView } from '@/api/types'
import { count } from '@/format'

export interface Made {
  batchId: number
  code: string
  quantity: number
  firstNumber: string
  lastNumber: string
}

export interface Changed {
  changed: number
  unchanged: Finding[]
}

export interface Exported {
  count: number
  firstNumber: string
  lastNumber: string
  checksum: string
}

export interface WrongRow {
  row: number
  number: string
  message: string
}

export interface Refused {
  count: number
  rows: WrongRow[]
}

type Fields = Record<string, unknown>

const text = (from: Fields, name: string): string => (typeof from[name] === 'string' ? from[name] : '')
const whole = (from: Fields, name: string): number => (typeof from[name] === 'number' ? from[name] : 0)
const list = (from: Fields, name: string): Fields[] => (Array.isArray(from[name]) ? (from[name] as unknown[]).filter((one): one is Fields => typeof one === 'object' && one !== null) : [])

export function madeBy(job: JobView): Made | null {
  if (job.status !== 'done' || (job.kind !== 'make_cards' && job.kind !== 'import_cards')) return null
  const { result } = job
  return {
    batchId: whole(result, 'batch_id'),
    code: text(result, 'code'),
    quantity: whole(result, 'quantity'),
    firstNumber: text(result, 'first_number'),
    lastNumber: text(result, 'last_number'),
  }
}

export function changedBy(job: JobView): Changed | null {
  if (job.status !== 'done' || job.kind !== 'change_cards') return null
  return {
    changed: whole(job.result, 'changed'),
    unchanged: list(job.result, 'unchanged').map((one) => ({ code: text(one, 'code'), message: text(one, 'message'), count: whole(one, 'count') })),
  }
}

export function exportedBy(job: JobView): Exported | null {
  if (job.status !== 'done' || job.kind !== 'export_cards') return null
  return {
    count: whole(job.result, 'count'),
    firstNumber: text(job.result, 'first_number'),
    lastNumber: text(job.result, 'last_number'),
    checksum: text(job.result, 'checksum'),
  }
}

/** The rows of an imported table that have to be mended. */
export function refusedBy(job: JobView): Refused | null {
  if (job.error?.code !== 'import_refused') return null
  const { data } = job.error
  return {
    count: whole(data, 'count'),
    rows: list(data, 'rows').map((one) => ({ row: whole(one, 'row'), number: text(one, 'number'), message: text(one, 'message') })),
  }
}

/** What has come of a job, in one short sentence. */
export function outcome(job: JobView): string {
  if (job.status === 'failed') return job.error?.message ?? '没有完成'
  if (job.status === 'cancelled') return '已取消，没有留下任何改动'
  const made = madeBy(job)
  if (made) return `${job.kind === 'import_cards' ? '已导入' : '已生成'} ${count(made.quantity)} 张卡`
  const changed = changedBy(job)
  if (changed) {
    const left = changed.unchanged.reduce((sum, one) => sum + one.count, 0)
    return `${count(changed.changed)} 张已处理${left ? `，${count(left)} 张保持原样` : ''}`
  }
  const exported = exportedBy(job)
  if (exported) return `已导出 ${count(exported.count)} 张卡`
  return '已完成'
}
