/** Soft notes, made here so that no sound file has to be fetched or allowed. */

let context: AudioContext | null = null

/** Browsers keep sound off until the page was touched once; call this from a click. */
export function unlockSound(): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume()
}

/** Upwards: something good. */
export function playChime(): void {
  play([880, 1174.7])
}

/** Downwards and low: refused. */
export function playRefusal(): void {
  play([311.1, 220])
}

function play(frequencies: number[]): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  const ctx = context
  if (ctx.state === 'suspended') {
    void ctx.resume()
    return
  }
  frequencies.forEach((frequency, index) => note(ctx, frequency, index * 0.16))
}

function note(ctx: AudioContext, frequency: number, delay: number): void {
  const start = ctx.currentTime + delay
  const oscillator = ctx.createOscillator()
  const gain = ctx.createGain()
  oscillator.type = 'sine'
  oscillator.frequency.value = frequency
  gain.gain.setValueAtTime(0, start)
  gain.gain.linearRampToValueAtTime(0.22, start + 0.015)
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.55)
  oscillator.connect(gain).connect(ctx.destination)
  oscillator.start(start)
  oscillator.stop(start + 0.6)
}
