import { save } from '@/api/download'
import { ApiError, asApiError, messageOf } from '@/api/errors'
import type { JobView } from '@/api/types'
import { ElMessageBox } from 'element-plus'
import { useJobs } from './store'

/**
 * Saves what a job made. A file that is given out only once is asked about first, and marked as used afterwards.
 * `onProgress` hears how many bytes have come. Answers whether it was saved; refusals are shown in the server's words.
 */
export async function downloadJobFile(job: JobView, onProgress?: (bytes: number) => void): Promise<boolean> {
  const { file } = job
  if (!file) return false
  if (file.once && !(await agreesToOnce())) return false
  let begun = false
  try {
    await save(`/api/m/jobs/${job.id}/file`, { method: 'POST' }, file.name, (bytes) => {
      begun = true
      onProgress?.(bytes)
    })
    if (file.once) use(job)
    return true
  } catch (error) {
    // 410: gone, whatever was known here.
    if (asApiError(error).status === 410 || (begun && file.once)) use(job)
    await ElMessageBox.alert(sentence(error, begun, file.once), '没有下载下来', { confirmButtonText: '知道了', type: 'error' }).catch(() => null)
    return false
  }
}

async function agreesToOnce(): Promise<boolean> {
  const answer = await ElMessageBox.confirm('文件里有密码，只能下载一次：下载后系统立即删除它。请保存在安全的地方。', '现在下载？', {
    confirmButtonText: '下载',
    cancelButtonText: '以后再说',
  }).catch(() => null)
  return answer !== null
}

function use(job: JobView): void {
  if (job.file) useJobs().take({ ...job, file: { ...job.file, available: false } })
}

function sentence(error: unknown, begun: boolean, once: boolean): string {
  if (!begun || error instanceof ApiError) return messageOf(error)
  return once ? '下载中断了。含密码的文件只能下载一次，请重新导出。' : '下载中断了，请检查网络后再下载一次。'
}
