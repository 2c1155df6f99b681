interface BarcodeDetector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}

declare global {
  interface Window {
    /** Not in TypeScript's DOM library: Chromium has it on some systems, Safari and Firefox do not. */
    BarcodeDetector?: {
      new (options: { formats: string[] }): BarcodeDetector
      getSupportedFormats(): Promise<string[]>
    }
  }
}

export type Picture = HTMLVideoElement | HTMLImageElement

/** The code's content; empty where there is none to be read. */
export type Reader = (picture: Picture) => Promise<string>

const PAUSE_MS = 200
/** A code is found in smaller pictures than cameras make, and much sooner. */
const FRAME_PX = 800
/** On a photo the code may be small, and there is only one. */
const PHOTO_PX = [1000, 2000, 500]
const PHOTO_MS = 1500

async function builtIn(): Promise<Reader | null> {
  const Detector = window.BarcodeDetector
  try {
    if (!Detector || !(await Detector.getSupportedFormats()).includes('qr_code')) return null
    const detector = new Detector({ formats: ['qr_code'] })
    return async (picture) => {
      try {
        return (await detector.detect(picture))[0]?.rawValue ?? ''
      } catch {
        // A frame that isn't ready yet.
        return ''
      }
    }
  } catch {
    return null
  }
}

function sizeOf(picture: Picture): [number, number] {
  if (picture instanceof HTMLVideoElement) return [picture.videoWidth, picture.videoHeight]
  return [picture.naturalWidth, picture.naturalHeight]
}

/** The picture's points, at most so many along its longer side. */
function points(picture: Picture, most: number): ImageData | null {
  const [width, height] = sizeOf(picture)
  if (width === 0 || height === 0) return null
  const scale = Math.min(1, most / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return context?.getImageData(0, 0, canvas.width, canvas.height) ?? null
}

/** In plain JavaScript, for browsers that have no reader of their own; fetched when it is needed. */
async function ours(sizes: number[], timeLimit: number): Promise<Reader> {
  const { decodeQR } = await import('qr/decode.js')
  return (picture) => {
    for (const size of sizes) {
      const image = points(picture, size)
      try {
        if (image) return Promise.resolve(decodeQR(image, { timeLimit, effort: timeLimit > 100 ? 8 : 2 }))
      } catch {
        // It throws where it finds none.
      }
    }
    return Promise.resolve('')
  }
}

export interface Camera {
  /** Switches the lamp; null where there is none. */
  lamp: ((on: boolean) => Promise<void>) | null
}

/** Shows the camera until the signal. Throws what getUserMedia throws, see `cameraProblem`. */
export async function openCamera(video: HTMLVideoElement, signal: AbortSignal): Promise<Camera> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
  })
  const stop = () => { stream.getTracks().forEach((track) => { track.stop() }) }
  // Closed while the browser was asking for permission.
  if (signal.aborted) { stop(); return { lamp: null } }
  signal.addEventListener('abort', stop)
  video.srcObject = stream
  await video.play()
  const track = stream.getTracks()[0]
  // The lamp is not in TypeScript's DOM library; older browsers have no getCapabilities.
  const able = track?.getCapabilities as (() => { torch?: boolean }) | undefined
  if (!track || !able || able.call(track).torch !== true) return { lamp: null }
  return { lamp: (on) => track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }) }
}

/** Reports each new code that comes into the camera's view, until the signal. Throws if no reader could be fetched. */
export async function watchForCode(
  video: HTMLVideoElement,
  signal: AbortSignal,
  found: (content: string) => void,
): Promise<void> {
  const read = (await builtIn()) ?? (await ours([FRAME_PX], 60))
  let last = ''
  while (!signal.aborted) {
    const content = await read(video)
    if (content !== '' && content !== last && !signal.aborted) found(content)
    last = content || last
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
  }
}

function load(file: File): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file)
  return new Promise<HTMLImageElement>((resolve, reject) => {
    const image = new Image()
    image.onload = () => { resolve(image) }
    image.onerror = () => { reject(new Error('not a picture')) }
    image.src = url
  }).finally(() => { URL.revokeObjectURL(url) })
}

/** The code on a photo; empty where none was found. Throws if the file is no picture or no reader could be fetched. */
export async function readPhoto(file: File): Promise<string> {
  const image = await load(file)
  const read = await builtIn()
  return (read ? await read(image) : '') || (await (await ours(PHOTO_PX, PHOTO_MS))(image))
}

/** Why the camera can't be had, and what to do about it. */
export function cameraProblem(reason: unknown): string {
  const name = reason instanceof Error ? reason.name : ''
  if (/^(NotAllowed|PermissionDenied|Security)Error$/.test(name)) {
    return /MicroMessenger/i.test(navigator.userAgent)
      ? '没有使用摄像头的权限。请在手机的“设置”里允许微信使用相机，再点“重新打开”；也可以选一张照片来识别。'
      : '没有使用摄像头的权限。请在浏览器的网站设置里允许本页使用摄像头，再点“重新打开”；也可以选一张照片来识别。'
  }
  if (/^(NotFound|DevicesNotFound|Overconstrained)Error$/.test(name)) return '没有找到摄像头。可以选一张照片来识别，或直接填写卡号。'
  if (/^(NotReadable|TrackStart|Abort)Error$/.test(name)) return '摄像头正被占用。请关闭其他用到摄像头的应用，再点“重新打开”。'
  return '打不开摄像头。可以选一张照片来识别，或直接填写卡号。'
}
