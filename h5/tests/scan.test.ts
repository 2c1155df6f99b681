import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cameraProblem, openCamera, watchForCode } from '../src/scan'
import { hasCamera, hasFiles } from '../src/scan-ways'

const applyConstraints = vi.fn().mockResolvedValue(undefined)
const track = { stop: vi.fn(), getCapabilities: vi.fn<() => { torch?: boolean }>(), applyConstraints }
const detect = vi.fn<() => Promise<{ rawValue: string }[]>>()
const video = document.createElement('video')

class Detector {
  static getSupportedFormats = () => Promise.resolve(['qr_code'])
  detect = detect
}

beforeEach(() => {
  track.stop.mockReset()
  track.getCapabilities.mockReset().mockReturnValue({})
  applyConstraints.mockClear()
  detect.mockReset()
  vi.useFakeTimers()
  vi.stubGlobal('BarcodeDetector', Detector)
  vi.stubGlobal('navigator', {
    userAgent: 'Chrome', mediaDevices: { getUserMedia: () => Promise.resolve({ getTracks: () => [track] }) },
  })
  video.play = () => Promise.resolve()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('watchForCode', () => {
  it('reports each code once and goes on after a bad frame', async () => {
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
  })
})

describe('openCamera', () => {
  it('lets the camera go at the signal', async () => {
    const stopping = new AbortController()
    expect(await openCamera(video, stopping.signal)).toEqual({ lamp: null })
    expect(track.stop).not.toHaveBeenCalled()
    stopping.abort()
    expect(track.stop).toHaveBeenCalledTimes(1)
  })

  it('lets the camera go when closed during the permission question', async () => {
    const stopping = new AbortController()
    stopping.abort()
    await openCamera(video, stopping.signal)
    expect(track.stop).toHaveBeenCalledTimes(1)
  })

  it('switches the lamp where there is one', async () => {
    track.getCapabilities.mockReturnValue({ torch: true })
    const { lamp } = await openCamera(video, new AbortController().signal)
    await lamp?.(true)
    expect(applyConstraints).toHaveBeenCalledWith({ advanced: [{ torch: true }] })
  })
})

describe('cameraProblem', () => {
  it.each([
    ['NotAllowedError', '没有使用摄像头的权限'],
    ['NotFoundError', '没有找到摄像头'],
    ['NotReadableError', '摄像头正被占用'],
    ['TypeError', '打不开摄像头'],
  ])('says of %s what to do', (name, words) => {
    expect(cameraProblem(Object.assign(new Error('x'), { name }))).toContain(words)
  })

  it('knows where WeChat keeps its permission', () => {
    vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 MicroMessenger/8.0' })
    expect(cameraProblem(Object.assign(new Error('x'), { name: 'NotAllowedError' }))).toContain('允许微信使用相机')
  })
})

describe('the ways to scan', () => {
  it('are looked for one by one', () => {
    expect(hasCamera()).toBe(true)
    vi.stubGlobal('navigator', {})
    expect(hasCamera()).toBe(false)
    expect(hasFiles()).toBe(false)
    vi.stubGlobal('URL', { createObjectURL: () => 'blob:x' })
    expect(hasFiles()).toBe(true)
  })
})
