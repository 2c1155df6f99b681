const { newCaptcha } = require('../../services/captchas')
const { halfWidth } = require('../../utils/text')
const { apiError } = require('../../utils/request')

/**
 * A picture whose digits are typed. `round` counts the captchas that were wanted: each change fetches another one, for
 * one serves once; 0 shows none. Tells the page each change as `answer`, {captcha}, null while nothing is typed.
 */
Component({
  options: { addGlobalClass: true },
  properties: {
    round: {
      type: Number,
      value: 0,
      observer() {
        this.fetch()
      },
    },
  },
  data: {
    id: '',
    image: '',
    typed: '',
    problem: '',
  },
  methods: {
    async fetch() {
      const { round } = this.properties
      this.setData({ id: '', image: '', typed: '', problem: '' })
      this.tell()
      if (round === 0) return
      try {
        const { id, image } = await newCaptcha()
        if (round === this.properties.round) this.setData({ id, image })
        this.tell()
      } catch (thrown) {
        this.setData({ problem: apiError(thrown).message })
      }
    },
    /** @param {WechatMiniprogram.Input} event */
    onInput(event) {
      this.setData({ typed: event.detail.value })
      this.tell()
    },
    tell() {
      const { id, typed } = this.data
      const answer = halfWidth(typed).trim()
      this.triggerEvent('answer', { captcha: id && answer ? { id, answer } : null })
    },
  },
})
