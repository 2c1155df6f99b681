interface BarcodeDetector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>
}

declare global {
  interface Window {
    /** Not in TypeScript's DOM library: Chromium has it, Safari and Firefox do not. */
    BarcodeDetector?: new (options: { formats: string[] }) => BarcodeDetector
  }
}

const PAUSE_MS = 200

/** Shows the camera and reports each new code that comes into view, until the signal. */
export async function watchForCode(
  video: HTMLVideoElement,
  signal: AbortSignal,
  found: (content: string) => void,
): Promise<void> {
  if (!window.BarcodeDetector) throw new Error('no BarcodeDetector')
  const detector = new window.BarcodeDetector({ formats: ['qr_code'] })
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  const stop = () => { stream.getTracks().forEach((track) => { track.stop() }) }
  // Closed while the browser was asking for permission.
  if (signal.aborted) { stop(); return }
  signal.addEventListener('abort', stop)
  video.srcObject = stream
  await video.play()
  let last = ''
  while (!signal.aborted) {
    const content = await firstCode(detector, video)
    if (content !== '' && content !== last && !signal.aborted) found(content)
    last = content || last
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
  }
}

async function firstCode(detector: BarcodeDetector, video: HTMLVideoElement): Promise<string> {
  try {
    return (await detector.detect(video))[0]?.rawValue ?? ''
  } catch {
    // A frame that isn't ready yet.
    return ''
  }
}
