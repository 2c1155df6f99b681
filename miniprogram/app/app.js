const { blank } = require('./state')

App({ globalData: blank() })
