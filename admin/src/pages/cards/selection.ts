import { api, call } from '@/api/client'
import { asApiError } from '@/api/errors'
import type { JobView, Selection, SelectionIn } from '@/api/types'
import { onScopeDispose, ref, shallowRef } from 'vue'

/** Refusals after which the same dry run can't be applied any more. */
const STALE = ['selection_not_found', 'selection_expired', 'selection_differs', 'nothing_to_change']

/** From a dry run over what a filter found to the job that does it: once, whatever is clicked or lost on the way. */
export function useSelection() {
  const busy = ref<'checking' | 'applying' | null>(null)
  const selection = shallowRef<Selection | null>(null)
  const error = shallowRef<unknown>(null)
  /** The dry run is no longer good; only a new one helps. */
  const stale = ref(false)
  let checking: AbortController | null = null

  /** Asks what would happen. A second call replaces the first. */
  async function check(body: SelectionIn): Promise<void> {
    checking?.abort()
    const control = new AbortController()
    checking = control
    busy.value = 'checking'
    error.value = null
    stale.value = false
    selection.value = null
    try {
      const found = await call(api.POST('/api/m/cards/selections', { body, signal: control.signal }))
      if (checking === control) selection.value = found
    } catch (reason) {
      if (checking === control) error.value = reason
    } finally {
      if (checking === control) {
        checking = null
        busy.value = null
      }
    }
  }

  /** Does it; null where it was refused. After a lost answer the same call finds the job that it started. */
  async function apply(password?: string): Promise<JobView | null> {
    const found = selection.value
    if (busy.value !== null || found === null || stale.value) return null
    busy.value = 'applying'
    error.value = null
    try {
      return await call(
        api.POST('/api/m/cards/selections/{selection_id}/apply', {
          params: { path: { selection_id: found.id } },
          body: { expected: found.will_change, ...(password ? { password } : {}) },
        }),
      )
    } catch (reason) {
      // The dialog may have gone on to other cards meanwhile.
      if (selection.value === found) {
        error.value = reason
        stale.value = STALE.includes(asApiError(reason).code)
      }
      return null
    } finally {
      if (selection.value === found) busy.value = null
    }
  }

  /** Back to the beginning; a dry run under way is given up, a job that was asked for is not. */
  function forget(): void {
    checking?.abort()
    checking = null
    busy.value = null
    selection.value = null
    error.value = null
    stale.value = false
  }
  onScopeDispose(() => checking?.abort())

  return { busy, selection, error, stale, check, apply, forget }
}
