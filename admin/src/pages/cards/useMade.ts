import { api, call } from '@/api/client'
import { keys } from '@/api/queries'
import type { Batch, JobView } from '@/api/types'
import { useJob } from '@/jobs/store'
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'

export type Phase = 'making' | 'ready' | 'failed' | 'cancelled'

/** A batch and the job that makes it, both as they are now; `id` null: none. */
export function useMade(id: Ref<number | null>) {
  const query = useQuery({
    queryKey: [keys.batches, 'made', id],
    queryFn: ({ signal }) => call(api.GET('/api/m/batches/{batch_id}', { params: { path: { batch_id: id.value ?? 0 } }, signal })),
    enabled: computed(() => id.value !== null),
  })
  const batch = computed(() => (id.value === null ? null : (query.data.value ?? null)))
  const { job } = useJob(() => batch.value?.job_id)
  const phase = computed<Phase | null>(() => (batch.value ? phaseOf(batch.value, job.value) : null))
  return { query, batch, job, phase }
}

/** The job's end is heard of before the batch was fetched anew, and the other way round. */
export function phaseOf(batch: Pick<Batch, 'status'>, job: Pick<JobView, 'status'> | null): Phase {
  if (batch.status === 'ready') return 'ready'
  if (job?.status === 'failed') return 'failed'
  if (job?.status === 'cancelled') return 'cancelled'
  return batch.status === 'undone' && job === null ? 'failed' : 'making'
}
