import { ref, shallowRef } from 'vue'
import type { Api } from '../api/client'
import { asFailure } from '../api/failure'
import type { CaptchaAnswer, CaptchaView } from '../api/types'

/** The captcha that the server wants after some failures. Each picture serves once, right or wrong. */
export function createCaptcha(api: Pick<Api, 'captcha'>) {
  const wanted = ref(false)
  const picture = shallowRef<CaptchaView | null>(null)
  const answer = ref('')
  const busy = ref(false)
  /** Why there is no picture. */
  const problem = ref('')

  async function refresh(): Promise<void> {
    if (busy.value) return
    busy.value = true
    answer.value = ''
    problem.value = ''
    try {
      picture.value = await api.captcha()
    } catch (reason) {
      picture.value = null
      problem.value = asFailure(reason).message
    } finally {
      busy.value = false
    }
  }

  return {
    wanted, picture, answer, busy, problem, refresh,
    /** What goes along with the request; nothing while none is wanted. */
    aside(): { captcha: CaptchaAnswer | null } {
      const shown = wanted.value ? picture.value : null
      return { captcha: shown ? { id: shown.id, answer: answer.value.trim() } : null }
    },
    /** Why nothing can be sent yet; empty if it can. */
    missing(): string {
      return wanted.value && (!picture.value || answer.value.trim() === '') ? '请输入图中的字符' : ''
    },
    async want(): Promise<void> {
      wanted.value = true
      await refresh()
    },
    passed() {
      wanted.value = false
      picture.value = null
      answer.value = ''
    },
  }
}

export type Captcha = ReturnType<typeof createCaptcha>
