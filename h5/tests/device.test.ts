import { beforeEach, describe, expect, it } from 'vitest'
import { deviceId } from '../src/device'

beforeEach(() => { localStorage.clear() })

describe('the device', () => {
  it('has one name, of a form that the server takes', () => {
    const name = deviceId(() => localStorage)
    expect(name).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(deviceId(() => localStorage)).toBe(name)
  })

  it('gets another where the kept one is not one', () => {
    localStorage.setItem('tihuo:device', 'x\ny')
    expect(deviceId(() => localStorage)).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  it('has a name for now where storage is refused', () => {
    const refused = () => { throw new Error('denied') }
    expect(deviceId(refused)).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(deviceId(refused)).not.toBe(deviceId(refused))
  })
})
