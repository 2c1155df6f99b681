import { seenOn } from '@/pages/settings/pickupWords'
import { describe, expect, it } from 'vitest'
import { pickup } from './look'

describe('what customers see', () => {
  it('is open, unless switched off or paused', () => {
    expect(seenOn('2027-02-01', pickup())).toMatchObject({ redeeming: true, notice: '' })
    expect(seenOn('2027-02-01', pickup({ open: false }))).toMatchObject({ redeeming: false, notice: '提货暂未开放，请稍后再来。' })
    expect(seenOn('2027-02-01', pickup({ open: false, closed_notice: '装修中', paused: true, pause_notice: '放假' })).notice).toBe('装修中')
  })

  it('is a pause until the day it ends, and from then on open by itself', () => {
    const paused = pickup({ paused: true, resumes_on: '2027-02-12' })
    expect(seenOn('2027-02-11', paused)).toMatchObject({ redeeming: false, notice: '提货暂停中，请稍后再来。预计 2 月 12 日恢复。' })
    expect(seenOn('2027-02-11', paused).words).toContain('2 月 12 日 0 点起自动恢复')
    expect(seenOn('2027-02-12', paused)).toMatchObject({ redeeming: true, notice: '' })
    expect(seenOn('2027-02-12', { ...paused, open: false }).redeeming).toBe(false)
  })

  it('warns of a pause without an end', () => {
    expect(seenOn('2027-02-11', pickup({ paused: true })).words).toContain('没有填恢复日期')
    expect(seenOn('2027-02-11', pickup({ paused: true, pause_notice: '春节放假' })).notice).toBe('春节放假')
  })
})
