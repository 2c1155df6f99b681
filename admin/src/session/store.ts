import { api, call } from '@/api/client'
import { ApiError } from '@/api/errors'
import type { Me, Permission } from '@/api/types'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

export interface SignIn {
  account: string
  password: string
  captcha_id: string
  captcha_answer: string
}

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const known = ref(false)

  const staff = computed(() => me.value?.staff ?? null)
  const signedIn = computed(() => me.value !== null)

  function can(permission: Permission | undefined): boolean {
    if (!permission) return true
    return me.value?.staff.permissions.includes(permission) ?? false
  }

  /** Asks once per page load who is signed in; nobody is an answer, a lost network is not. */
  async function load(): Promise<void> {
    try {
      me.value = await call(api.GET('/api/m/session'))
      known.value = true
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      me.value = null
      known.value = true
    }
  }

  async function signIn(form: SignIn): Promise<void> {
    me.value = await call(api.POST('/api/m/sessions', { body: form }))
    known.value = true
  }

  /** Ends the session on the server; `leave` then forgets it here. */
  async function signOut(): Promise<void> {
    await call(api.DELETE('/api/m/session'))
  }

  function forget(): void {
    me.value = null
    known.value = true
  }

  return { me, known, staff, signedIn, can, load, signIn, signOut, forget }
})
