/** What a page shows while it has nothing else to show: loading, nothing there, or failed with a way to try again. */
Component({
  options: { addGlobalClass: true },
  properties: {
    /** loading | empty | failed */
    state: String,
    message: String,
  },
  methods: {
    onRetry() {
      this.triggerEvent('retry')
    },
  },
})
