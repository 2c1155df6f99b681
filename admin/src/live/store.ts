import { keys } from '@/api/queries'
import type { JobView } from '@/api/types'
import { useSession } from '@/session/store'
import type { QueryClient } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { LiveClient, type Alarm, type LiveOrder, type LiveSocket, type LiveState, type OrderEvent } from './client'
import { playChime, unlockSound } from './sound'
import { addMissed, clearMissed } from './title'

const SOUND_KEY = 'tihuo:sound'

function openSocket(after: number | null): LiveSocket {
  const base = `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/api/m/live`
  const ws = new WebSocket(after === null ? base : `${base}?after=${after}`)
  const socket: LiveSocket = { onmessage: null, onclose: null, close: () => ws.close() }
  ws.onmessage = ({ data }: MessageEvent<unknown>) => socket.onmessage?.({ data })
  ws.onclose = ({ code }) => socket.onclose?.({ code })
  return socket
}

export const useLive = defineStore('live', () => {
  const state = ref<LiveState>('off')
  const sound = ref(localStorage.getItem(SOUND_KEY) !== 'off')
  const onPlaced = new Set<(order: LiveOrder) => void>()
  const onJob = new Set<(job: JobView) => void>()
  const onAlarm = new Set<(alarm: Alarm) => void>()
  /** Told when what was missed cannot be caught up with: ask anew. */
  const onStale = new Set<() => void>()
  let client: LiveClient | null = null

  watch(sound, (on) => {
    localStorage.setItem(SOUND_KEY, on ? 'on' : 'off')
    if (on) {
      unlockSound()
      playChime()
    }
  })

  /** `signedOut` leads to the sign-in page; it is the same as on a 401. */
  function start(queries: QueryClient, signedOut: () => void): void {
    stop()
    const stale = (names: string[]) => {
      for (const name of names) void queries.invalidateQueries({ queryKey: [name] })
    }
    client = new LiveClient({
      open: openSocket,
      onEvent: (event) => {
        if (event.kind === 'job_changed') {
          for (const tell of onJob) tell(event.data.job)
          return
        }
        if (event.kind === 'guessing_alarm') {
          stale([keys.guessing])
          for (const tell of onAlarm) tell(event.data)
          return
        }
        stale([keys.orders, keys.home, keys.cards])
        announce(event)
      },
      onStale: () => {
        stale([keys.orders, keys.home, keys.cards, keys.batches, keys.jobs, keys.distributors, keys.guessing])
        for (const tell of onStale) tell()
      },
      onState: (value) => (state.value = value),
      onSignedOut: signedOut,
      onRefused: () => void useSession().load().then(leaveIfOut, () => undefined),
    })
    const leaveIfOut = () => {
      if (!useSession().signedIn) signedOut()
    }
    client.start()
    window.addEventListener('online', nudge)
    document.addEventListener('visibilitychange', seen)
  }

  function stop(): void {
    client?.stop()
    client = null
    window.removeEventListener('online', nudge)
    document.removeEventListener('visibilitychange', seen)
    clearMissed()
  }

  function announce(event: OrderEvent): void {
    // What was handed over at the counter waits for nobody.
    if (event.kind !== 'order_placed' || event.data.order.status !== 'to_ship') return
    if (document.hidden) addMissed()
    if (sound.value) playChime()
    for (const tell of onPlaced) tell(event.data.order)
  }

  function nudge(): void {
    client?.nudge()
  }

  function seen(): void {
    if (document.hidden) return
    clearMissed()
    nudge()
  }

  return { state, sound, onPlaced, onJob, onAlarm, onStale, start, stop }
})
