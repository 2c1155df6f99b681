import { defineAsyncComponent } from 'vue'
import LoadingView from './components/LoadingView.vue'
import ReloadView from './components/ReloadView.vue'
import type * as all from './later'

type Later = typeof all

const later = () => import('./later')

/** Ahead of need, while the customer types. */
export function fetchLater(): void {
  later().catch(() => undefined)
}

export function lazy<Name extends keyof Later>(name: Name) {
  return defineAsyncComponent({
    loader: async () => (await later())[name],
    loadingComponent: LoadingView,
    errorComponent: ReloadView,
  })
}
