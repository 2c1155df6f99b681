import type { JobStatus, JobView } from '@/api/types'
import { count } from '@/format'

type Tone = 'green' | 'amber' | 'red' | 'blue' | 'grey'

const RANK: Record<JobStatus, number> = { waiting: 0, running: 1, undoing: 2, done: 3, failed: 3, cancelled: 3 }

export const JOB_STATUS: Record<JobStatus, { label: string; tone: Tone }> = {
  waiting: { label: '排队中', tone: 'grey' },
  running: { label: '进行中', tone: 'blue' },
  undoing: { label: '正在撤销', tone: 'amber' },
  done: { label: '已完成', tone: 'green' },
  failed: { label: '没有完成', tone: 'red' },
  cancelled: { label: '已取消', tone: 'grey' },
}

/** Nothing more happens to it. */
export function isOver(job: Pick<JobView, 'status'>): boolean {
  return RANK[job.status] === 3
}

/** Whether `news` is older than what is known: answers of calls and live events overtake one another. */
export function isOutdated(news: JobView, known: JobView): boolean {
  const [rank, before] = [RANK[news.status], RANK[known.status]]
  return rank < before || (rank === before && news.done < known.done)
}

/** 0 to 100, never 100 before the end; null where the total is not known yet. */
export function percent(job: Pick<JobView, 'status' | 'done' | 'total'>): number | null {
  if (job.status === 'done') return 100
  if (job.total <= 0) return null
  return Math.min(99, Math.floor((job.done / job.total) * 100))
}

/** “约剩 12 秒”; nothing where there is no estimate. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return ''
  if (seconds < 1) return '马上就好'
  if (seconds < 60) return `约剩 ${Math.ceil(seconds)} 秒`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `约剩 ${minutes} 分钟`
  const rest = minutes % 60
  return `约剩 ${Math.floor(minutes / 60)} 小时${rest ? ` ${rest} 分钟` : ''}`
}

/** How far a job is, in a sentence. */
export function progressWords(job: JobView): string {
  switch (job.status) {
    case 'waiting':
      return '排队中，轮到时自动开始'
    case 'undoing':
      return job.error ? '没有成功，正在撤销已处理的部分…' : '正在取消，并撤销已处理的部分…'
    case 'running':
      if (job.total <= 0) return job.kind === 'import_cards' ? '正在检查表格…' : '正在准备…'
      return [`已处理 ${count(job.done)} / ${count(job.total)}`, timeLeft(job.seconds_left)].filter(Boolean).join('，')
    case 'done':
      return '已完成'
    case 'failed':
      return job.error?.message ?? '没有完成'
    case 'cancelled':
      return '已取消，没有留下任何改动'
  }
}
