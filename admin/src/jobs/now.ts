import { onScopeDispose, ref, type Ref } from 'vue'

/** The time in milliseconds, moving on by itself every 15 seconds. */
export function useNow(): Ref<number> {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), 15_000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
