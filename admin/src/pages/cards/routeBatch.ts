import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'

/** The batch that `?batch=` of the page's address names; null where it names none. */
export function useRouteBatch(): ComputedRef<number | null> {
  const route = useRoute()
  const name = route.name
  return computed(() => {
    const value = route.name === name ? route.query['batch'] : null
    return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null
  })
}
