import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchForCode } from '../src/scan'

const track = { stop: vi.fn() }
const detect = vi.fn<() => Promise<{ rawValue: string }[]>>()
const video = document.createElement('video')

beforeEach(() => {
  track.stop.mockReset()
  detect.mockReset()
  vi.useFakeTimers()
  vi.stubGlobal('BarcodeDetector', class { detect = detect })
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.resolve({ getTracks: () => [track] }) } })
  video.play = () => Promise.resolve()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('watchForCode', () => {
  it('reports each code once, goes on after a bad frame, and lets the camera go', async () => {
    detect
      .mockRejectedValueOnce(new Error('not ready'))
      .mockResolvedValueOnce([])
      .mockResolvedValueOnce([{ rawValue: 'A1' }])
      .mockResolvedValueOnce([{ rawValue: 'A1' }])
      .mockResolvedValue([{ rawValue: 'A2' }])
    const found: string[] = []
    const stopping = new AbortController()
    const watching = watchForCode(video, stopping.signal, (content) => { found.push(content) })
    await vi.advanceTimersByTimeAsync(1500)
    stopping.abort()
    await vi.advanceTimersByTimeAsync(300)
    await watching
    expect(found).toEqual(['A1', 'A2'])
    expect(track.stop).toHaveBeenCalledTimes(1)
  })

  it('lets the camera go when closed during the permission question', async () => {
    const stopping = new AbortController()
    stopping.abort()
    await watchForCode(video, stopping.signal, () => undefined)
    expect(track.stop).toHaveBeenCalledTimes(1)
    expect(detect).not.toHaveBeenCalled()
  })
})
