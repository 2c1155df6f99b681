import { useLive } from '@/live/store'
import type { QueryClient } from '@tanstack/vue-query'
import type { Router } from 'vue-router'
import { clearDrafts } from './draft'
import { useSession } from './store'

/** To the sign-in page, with nothing of the old session left behind; `remember` brings one back to the same place. */
export function leave(router: Router, queries: QueryClient, remember = true): void {
  useSession().forget()
  useLive().stop()
  queries.clear()
  // Leaving on purpose: the next person at this computer does not find half-filled forms.
  if (!remember) clearDrafts()
  const at = router.currentRoute.value
  if (at.name === 'sign-in') return
  void router.replace({ name: 'sign-in', query: remember && at.fullPath !== '/' ? { next: at.fullPath } : {} })
}
