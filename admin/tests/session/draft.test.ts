import { useDraft } from '@/session/draft'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'

function open(name: string) {
  const scope = effectScope()
  const form = ref({ name: '', lines: [] as string[] })
  const draft = scope.run(() => useDraft(name, form))
  if (!draft) throw new Error('no draft')
  return { form, draft, close: () => scope.stop() }
}

describe('drafts', () => {
  beforeEach(() => {
    sessionStorage.clear()
    setActivePinia(createPinia())
  })

  it('brings back what was typed after the page was left', async () => {
    const first = open('product')
    expect(first.draft.restored.value).toBe(false)
    first.form.value.name = '苹果'
    first.form.value.lines.push('5 斤')
    await nextTick()
    first.close()
    const second = open('product')
    expect(second.form.value).toEqual({ name: '苹果', lines: ['5 斤'] })
    expect(second.draft.restored.value).toBe(true)
  })

  it('is gone once saved, even if the form is reset in the same breath', async () => {
    const first = open('product')
    first.form.value.name = '苹果'
    await nextTick()
    first.form.value = { name: '', lines: [] }
    first.draft.clear()
    await nextTick()
    first.close()
    expect(open('product').draft.restored.value).toBe(false)
  })

  it('keeps forms apart', async () => {
    const first = open('product-1')
    first.form.value.name = '苹果'
    await nextTick()
    expect(open('product-2').form.value.name).toBe('')
  })

  it('ignores a draft that cannot be read', () => {
    sessionStorage.setItem('draft:0:product', '{broken')
    expect(open('product').form.value.name).toBe('')
  })
})
