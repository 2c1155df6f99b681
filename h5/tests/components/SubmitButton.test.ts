import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import SubmitButton from '../../src/components/SubmitButton.vue'

enableAutoUnmount(afterEach)
beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

function button(props: Partial<InstanceType<typeof SubmitButton>['$props']> = {}) {
  return mount(SubmitButton, { props: { busy: false, busyText: '正在提交', blockedUntil: 0, ...props }, slots: { default: '提交' } })
}

function click(element: Element): boolean {
  const event = new MouseEvent('click', { cancelable: true })
  element.dispatchEvent(event)
  return !event.defaultPrevented
}

describe('SubmitButton', () => {
  it('submits', () => {
    const one = button()
    expect(one.text()).toBe('提交')
    expect(click(one.element)).toBe(true)
  })

  it('does nothing while busy', () => {
    const one = button({ busy: true })
    expect(one.text()).toBe('正在提交')
    expect(click(one.element)).toBe(false)
  })

  it('counts down, then submits again', async () => {
    const one = button({ blockedUntil: Date.now() + 3000 })
    expect(one.text()).toBe('请等 3 秒')
    await vi.advanceTimersByTimeAsync(1000)
    expect(one.text()).toBe('请等 2 秒')
    expect(click(one.element)).toBe(false)
    await vi.advanceTimersByTimeAsync(2000)
    expect(one.text()).toBe('提交')
    expect(vi.getTimerCount()).toBe(0)
  })
})
