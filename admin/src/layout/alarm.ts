import type { Alarm } from '@/live/client'
import { sentenceOf } from '@/pages/guessing/words'
import { ElNotification } from 'element-plus'
import { h } from 'vue'

let shown: { close: () => void } | null = null

/** The toast for guessing at card passwords; it stays until somebody has seen it, and a newer one takes its place. */
export function showAlarm(alarm: Alarm, open: () => void): void {
  shown?.close()
  const handle = ElNotification({
    title: '有人在猜卡密',
    message: h('div', [
      h('p', `${sentenceOf(alarm)}。`),
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          onClick: () => {
            handle.close()
            open()
          },
        },
        '查看猜密防护',
      ),
    ]),
    type: 'warning',
    position: 'bottom-right',
    duration: 0,
  })
  shown = handle
}
