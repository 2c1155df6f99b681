const { sweepDrafts } = require('./services/drafts')
const { blank } = require('./state')

App({
  globalData: blank(),

  onLaunch() {
    sweepDrafts()
  },
})
