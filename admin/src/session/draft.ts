import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { useSession } from './store'

/**
 * Keeps what was typed through a reload or a session that ended, in this tab only.
 * Never give it passwords.
 */
export function useDraft<T extends object>(name: string, form: Ref<T>): { restored: Ref<boolean>; clear: () => void } {
  const key = `draft:${useSession().staff?.id ?? 0}:${name}`
  const restored = ref(false)
  const saved = read<T>(key)
  if (saved) {
    form.value = { ...form.value, ...saved }
    restored.value = true
  }
  let off = false
  const stop = watch(
    form,
    (value) => {
      if (!off) sessionStorage.setItem(key, JSON.stringify(value))
    },
    { deep: true },
  )
  onScopeDispose(stop)
  function clear(): void {
    off = true
    sessionStorage.removeItem(key)
    restored.value = false
    // Watchers run later; from the next change on the form counts as a new draft.
    setTimeout(() => (off = false))
  }
  return { restored, clear }
}

export function clearDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith('draft:')) sessionStorage.removeItem(key)
}

function read<T>(key: string): Partial<T> | null {
  try {
    const text = sessionStorage.getItem(key)
    return text ? (JSON.parse(text) as Partial<T>) : null
  } catch {
    return null
  }
}
