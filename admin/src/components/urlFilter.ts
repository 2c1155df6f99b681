import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * Filters live in the address, so that reload, back, and a link to a colleague show the same list.
 * With `push` every search is a step that the back button takes back.
 */
export function useUrlFilter(step: 'replace' | 'push' = 'replace') {
  const route = useRoute()
  const router = useRouter()
  // Several filters set in one go must not overwrite one another's change.
  let pending: Record<string, string | undefined> | null = null

  function set(changes: Record<string, string | undefined>): void {
    const waiting = pending !== null
    pending = { ...pending, ...changes }
    if (waiting) return
    queueMicrotask(() => {
      const query = { ...route.query, ...pending }
      pending = null
      for (const key of Object.keys(query)) if (!query[key]) delete query[key]
      void router[step]({ query })
    })
  }

  function read(name: string): string {
    const value = route.query[name]
    return (Array.isArray(value) ? value[0] : value) ?? ''
  }

  function text<T extends string = string>(name: string, fallback: T): WritableComputedRef<T> {
    return computed({
      get: () => (read(name) || fallback) as T,
      set: (value) => set({ [name]: value === fallback ? undefined : value }),
    })
  }

  function clear(): void {
    void router[step]({ query: {} })
  }

  return { text, read, set, clear }
}
