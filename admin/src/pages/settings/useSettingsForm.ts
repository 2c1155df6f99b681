import { fieldMessages } from '@/api/errors'
import { keys } from '@/api/queries'
import { useDraft } from '@/session/draft'
import { useQueryClient } from '@tanstack/vue-query'
import { ElMessage } from 'element-plus'
import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'

export interface SettingsFormOptions<S, F extends object, B> {
  /** The section, also the draft's name. */
  section: string
  settings: () => S
  /** The form as it begins, out of what is saved. */
  start: (settings: S) => F
  /** What is sent. */
  body: (form: F) => B
  /** Done to the form before it is sent, as clearing what is empty; what it makes no other is no change. */
  tidy?: (form: F) => F
  /** Field → sentence, for what the server need not be asked. */
  problems?: (form: F) => Record<string, string>
  save: (body: B) => Promise<S>
  /** Said when it is saved. */
  done: (saved: S) => string
  /** First words of the queries that show what is changed here. */
  stale?: readonly string[]
}

/** What the sections of the settings have in common: draft, changes, saving (Ctrl+S as well), refusals by field. */
export function useSettingsForm<S, F extends object, B>(options: SettingsFormOptions<S, F, B>) {
  const queries = useQueryClient()
  const form = ref(options.start(options.settings())) as Ref<F>
  const draft = useDraft(`settings-${options.section}`, form)
  const errors = ref<Record<string, string>>({})
  const error = ref<unknown>(null)
  const saving = ref(false)
  /** Something is still on its way into the form, as a picture: not yet. */
  const waiting = ref(0)
  const said = (value: F) => JSON.stringify(options.tidy ? options.tidy(value) : options.body(value))
  const dirty = computed(() => said(form.value) !== said(options.start(options.settings())))

  // What was typed and taken back again is no draft.
  watch(dirty, (changed) => {
    if (!changed) draft.clear()
  })

  function discard(): void {
    form.value = options.start(options.settings())
    errors.value = {}
    error.value = null
    draft.clear()
  }

  async function refused(found: Record<string, string>): Promise<void> {
    errors.value = found
    await nextTick()
    const first = document.querySelector('.form .is-error') ?? document.querySelector('.form [role="alert"]')
    first?.scrollIntoView({ block: 'center', behavior: 'smooth' })
  }

  async function save(): Promise<void> {
    if (saving.value || waiting.value > 0) return
    error.value = null
    errors.value = {}
    if (options.tidy) form.value = options.tidy(form.value)
    const found = options.problems?.(form.value) ?? {}
    if (Object.keys(found).length) return refused(found)
    saving.value = true
    try {
      const saved = await options.save(options.body(form.value))
      queries.setQueryData([keys.settings, options.section], saved)
      await nextTick()
      form.value = options.start(saved)
      await nextTick()
      draft.clear()
      for (const name of options.stale ?? []) void queries.invalidateQueries({ queryKey: [name] })
      ElMessage.success(options.done(saved))
    } catch (reason) {
      error.value = reason
      await refused(fieldMessages(reason))
    } finally {
      saving.value = false
    }
  }

  function onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 's') return
    event.preventDefault()
    void save()
  }

  onMounted(() => document.addEventListener('keydown', onKey))
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey))

  return { form, restored: draft.restored, dirty, errors, error, saving, waiting, save, discard }
}
