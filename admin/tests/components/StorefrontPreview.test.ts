import StorefrontPreview from '@/components/StorefrontPreview.vue'
import { PREVIEW_STEPS } from '@/components/storefrontSteps'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { look } from '../pages/settings/look'

const texts = { enter: '甲说明', choose: '乙说明', form: '丙说明', confirm: '丁说明', done: '戊说明' }

describe('the preview', () => {
  it.each(['enter', 'choose', 'form', 'confirm', 'done'] as const)('shows the words of step %s and of no other', (step) => {
    const text = mount(StorefrontPreview, { props: { settings: look({ texts }), step } }).text()
    for (const [name, words] of Object.entries(texts)) expect(text.includes(words)).toBe(name === step)
  })

  it('has words of its own where the merchant wrote none', () => {
    const at = (step: 'confirm' | 'done') => mount(StorefrontPreview, { props: { settings: look(), step } }).text()
    expect(at('confirm')).toContain('请仔细核对，商家会按下面的信息发货。')
    expect(at('done')).toContain('商家会尽快为您发货。')
  })

  it('shows announcement and notice while closed, and that orders can still be looked up', () => {
    const text = mount(StorefrontPreview, { props: { settings: look({ announcement: '大雪晚到' }), step: 'closed', notice: '春节放假' } }).text()
    expect(text).toContain('大雪晚到')
    expect(text).toContain('春节放假')
    expect(text).toContain('查询订单')
    expect(text).not.toContain('下一步')
  })

  it('shows the contact on every step', () => {
    const settings = look({ contact_phone: '400-1', contact_hours: '9 点到 6 点', contact_wechat: 'guoyuan' })
    for (const { name } of PREVIEW_STEPS) {
      const text = mount(StorefrontPreview, { props: { settings, step: name } }).text()
      for (const words of ['400-1', '9 点到 6 点', 'guoyuan']) expect(text).toContain(words)
    }
    expect(mount(StorefrontPreview, { props: { settings: look() } }).find('footer').exists()).toBe(false)
  })

  it('announces the jump only to a web page', () => {
    const at = (jump_url: string) => mount(StorefrontPreview, { props: { settings: look({ jump_url }), step: 'done' } }).text()
    expect(at('https://shop.example.com/x')).toContain('前往 shop.example.com')
    expect(at('javascript:alert(1)')).not.toContain('前往')
    expect(at('')).not.toContain('前往')
  })

  it('takes the colours by day and leaves the ground at night', () => {
    const page = mount(StorefrontPreview, { props: { settings: look({ page_color: '#8C1D18', theme_color: '#FFD400' }) } })
    expect(page.attributes('style')).toContain('--ground: #8C1D18')
    expect(page.attributes('style')).toContain('--on-brand: #191919')
    const night = mount(StorefrontPreview, { props: { settings: look({ page_color: '#8C1D18' }), dark: true } })
    expect(night.attributes('style')).toContain('--ground: #111111')
  })
})
