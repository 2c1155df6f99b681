import type { JobView } from '@/api/types'
import { outcome } from '@/jobs/result'
import { ElNotification } from 'element-plus'

/** The toast for a job that has ended while its page was not open; a click on it leads to the jobs. */
export function showJobEnded(job: JobView, open: () => void): void {
  if (job.status === 'cancelled') return
  const failed = job.status === 'failed'
  const handle = ElNotification({
    title: job.title,
    message: job.file?.available ? `${outcome(job)}，可以下载` : outcome(job),
    type: failed ? 'error' : 'success',
    position: 'bottom-right',
    // What failed waits until somebody has read it.
    duration: failed ? 0 : 6000,
    customClass: 'clickable',
    onClick: () => {
      handle.close()
      open()
    },
  })
}
