const { AS_SOON_AS_POSSIBLE, calendar, dayName } = require('../../utils/days')

/**
 * A sheet from the bottom with the days to choose from: the nearest by one tap, none where none is required, and a
 * calendar that says of each day why it can be had or not. Tells the page `pick` with {day}, null being as soon as
 * possible, and `close`.
 */
Component({
  options: { addGlobalClass: true },
  properties: {
    /** A DaysView. */
    days: { type: Object, value: null, observer: 'draw' },
    /** The chosen day, or ''. */
    chosen: { type: String, value: '', observer: 'draw' },
    /** Whether no day may be chosen. */
    optional: { type: Boolean, value: false },
  },
  data: {
    soonWords: AS_SOON_AS_POSSIBLE,
    months: /** @type {import('../../utils/days').Month[]} */ ([]),
    weekdays: ['一', '二', '三', '四', '五', '六', '日'],
    nearest: '',
    nearestName: '',
  },
  lifetimes: {
    attached() {
      this.draw()
    },
  },
  methods: {
    draw() {
      const days = /** @type {import('../../utils/days').DaysView | null} */ (this.properties.days)
      if (!days) return
      const nearest = days.nearest || ''
      this.setData({ months: calendar(days, this.properties.chosen), nearest, nearestName: nearest && dayName(nearest) })
    },
    /** @param {WechatMiniprogram.BaseEvent<{}, { day: string, open: boolean }>} event */
    onDay(event) {
      const { day, open } = event.currentTarget.dataset
      if (open) this.triggerEvent('pick', { day })
    },
    onNearest() {
      this.triggerEvent('pick', { day: this.data.nearest })
    },
    onSoon() {
      this.triggerEvent('pick', { day: null })
    },
    onClose() {
      this.triggerEvent('close')
    },
    /** The page behind stays where it is. */
    onMove() {},
  },
})
