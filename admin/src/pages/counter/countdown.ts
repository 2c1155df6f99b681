import { onScopeDispose, ref, type Ref } from 'vue'

export interface Countdown {
  /** Seconds left; 0 when it has run out or was never started. */
  left: Ref<number>
  start: (seconds: number) => void
  stop: () => void
}

/** Counts seconds down by the clock, so that a sleeping tab wakes to the right number. */
export function useCountdown(): Countdown {
  const left = ref(0)
  let until = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function stop(): void {
    clearInterval(timer)
    left.value = 0
  }

  function tick(): void {
    left.value = Math.max(0, Math.ceil((until - Date.now()) / 1000))
    if (left.value === 0) stop()
  }

  function start(seconds: number): void {
    clearInterval(timer)
    until = Date.now() + seconds * 1000
    timer = setInterval(tick, 1000)
    tick()
  }

  onScopeDispose(stop)
  return { left, start, stop }
}

/** 75 → "1:15". */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
