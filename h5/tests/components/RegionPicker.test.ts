import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import RegionPicker from '../../src/components/RegionPicker.vue'

enableAutoUnmount(afterEach)

async function open(code: string | null) {
  const picker = mount(RegionPicker, { props: { code }, attachTo: document.body })
  await vi.dynamicImportSettled()
  await flushPromises()
  return picker
}

const options = () => Array.from(document.querySelectorAll<HTMLElement>('.regions__one'))

async function pick(name: string) {
  options().find((option) => option.textContent?.trim() === name)?.click()
  await flushPromises()
}

describe('RegionPicker', () => {
  it('goes from province to district and gives the code', async () => {
    const picker = await open(null)
    await pick('浙江省')
    await pick('杭州市')
    expect(picker.emitted('choose')).toBeUndefined()
    await pick('西湖区')
    expect(picker.emitted('choose')).toEqual([
      [{ province: '浙江省', city: '杭州市', district: '西湖区', region_code: '330106' }],
    ])
  })

  it('is a dialog with the focus on its first choice', async () => {
    await open(null)
    expect(document.querySelector('[role="dialog"]')?.getAttribute('aria-modal')).toBe('true')
    expect(document.activeElement).toBe(options()[0])
  })

  it('opens where it was left, and goes up again', async () => {
    await open('330106')
    expect(document.activeElement?.textContent?.trim()).toBe('西湖区')
    document.querySelector<HTMLElement>('.crumbs .link')?.click()
    await flushPromises()
    expect(document.activeElement?.textContent?.trim()).toBe('浙江省')
  })

  it('closes by Escape', async () => {
    const picker = await open(null)
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    expect(picker.emitted('close')).toHaveLength(1)
  })
})
