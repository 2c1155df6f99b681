/**
 * The parts of WeChat's client that the pages lean on: a stack of pages, navigation, and wx.request as real HTTP.
 */
const http = require('node:http')
const path = require('node:path')
const simulate = require('miniprogram-simulate')

const APP = path.join(__dirname, '..', 'app')
const loaded = new Map()

/** @param {string} route such as /pages/check/index */
function render(route) {
  const file = path.join(APP, route)
  if (!loaded.has(file)) {
    // A component that an earlier page used would come from jest's cache and so never register itself for this one.
    jest.resetModules()
    loaded.set(file, simulate.load(file, 'page', { rootPath: APP }))
  }
  const component = simulate.render(loaded.get(file))
  component.attach(document.body)
  return { route, component, instance: component.instance }
}

function send({ url, method, data, header, success, fail }, keepAnswer) {
  const request = http.request(url, { method, headers: header, agent: false }, (answer) => {
    const chunks = []
    answer.on('data', (chunk) => chunks.push(chunk))
    answer.on('end', () => {
      if (!keepAnswer) return fail({ errMsg: 'request:fail interrupted' })
      const text = Buffer.concat(chunks).toString('utf8')
      let body = text
      try {
        body = JSON.parse(text)
      } catch {
        // wx.request hands over the text where it is not JSON.
      }
      return success({ statusCode: answer.statusCode, data: body, header: answer.headers })
    })
  })
  request.on('error', (error) => fail({ errMsg: `request:fail ${error.message}` }))
  request.end(data)
}

/**
 * Starts the mini-program on its first page.
 *
 * `ext` is what ext.json says, `query` what the code that was scanned says. `network(request)` may stand in for a
 * request: {statusCode, data} is its answer, 'lose' sends it and drops the answer, 'refuse' does not send it. `storage`
 * is what the phone kept, key by key as JSON.
 */
async function launch({ ext = {}, query = {}, network = () => undefined, storage = new Map() } = {}) {
  const stack = []
  const requests = []
  const visited = []
  const warnings = []

  const page = () => stack[stack.length - 1]
  const close = () => {
    const { component, instance } = stack.pop()
    instance.onUnload?.()
    component.detach()
  }
  const open = (url, values = {}) => {
    visited.push(url)
    const [route, tail = ''] = url.split('?')
    if (tail) values = Object.fromEntries(new URLSearchParams(tail))
    stack.push(render(route))
    page().instance.onLoad?.(values)
    page().instance.onShow?.()
  }
  // A stand-in for the stack that is not emptied: the page that navigates is still running.
  const later = (work) => Promise.resolve().then(work)

  const client = {
    network,
    request(options) {
      requests.push(options)
      const told = client.network(options)
      if (told === 'refuse') later(() => options.fail({ errMsg: 'request:fail' }))
      else if (told && told !== 'lose') later(() => options.success(told))
      else send(options, told !== 'lose')
    },
  }

  Object.assign(global.wx, {
    getExtConfigSync: () => ext,
    request: (options) => client.request(options),
    navigateTo: ({ url, complete }) => later(() => (page()?.instance.onHide?.(), open(url), complete?.())),
    redirectTo: ({ url }) => later(() => (close(), open(url))),
    reLaunch: ({ url }) =>
      later(() => {
        while (stack.length > 0) close()
        open(url)
      }),
    navigateBack: ({ delta = 1 } = {}) =>
      later(() => {
        for (let left = delta; left > 0; left--) close()
        page().instance.onShow?.()
      }),
    showToast: ({ title }) => warnings.push(title),
    setNavigationBarTitle: ({ title }) => (client.title = title),
    setClipboardData: ({ data }) => (client.clipboard = data),
    pageScrollTo: () => {},
    stopPullDownRefresh: () => {},
    previewImage: (options) => (client.preview = options),
    makePhoneCall: ({ phoneNumber }) => (client.called = phoneNumber),
    scanCode: ({ fail }) => fail({ errMsg: 'scanCode:fail cancel' }),
    chooseAddress: ({ fail }) => fail({ errMsg: 'chooseAddress:fail cancel' }),
    getClipboardData: ({ fail }) => fail({ errMsg: 'getClipboardData:fail' }),
    showModal: ({ success }) => success({ confirm: true, cancel: false }),
    getStorageSync: (key) => (storage.has(key) ? JSON.parse(storage.get(key)) : ''),
    setStorageSync: (key, value) => void storage.set(key, JSON.stringify(value)),
    removeStorageSync: (key) => void storage.delete(key),
    getStorageInfoSync: () => ({ keys: [...storage.keys()] }),
  })
  for (const name of ['setStorage', 'batchSetStorage', 'batchSetStorageSync']) {
    global.wx[name] = () => {
      throw new Error('the app keeps things by setStorageSync alone')
    }
  }

  require('../app/app')
  Object.assign(global.getApp().globalData, require('../app/state').blank())
  global.getApp().onLaunch()
  open('/pages/check/index', query)

  const node = (selector) => {
    const found = page().component.querySelector(selector)
    if (!found) throw new Error(`${page().route} has no ${selector}; it says: ${client.text()}`)
    return found
  }

  return Object.assign(client, {
    requests,
    storage,
    visited,
    warnings,
    page,
    node,
    data: () => page().instance.data,
    text: () => page().component.dom.textContent.replace(/\s+/g, ' '),
    /** A node inside a component of the page. */
    inside: (component, selector) => {
      const found = node(component).querySelector(selector)
      if (!found) throw new Error(`${component} has no ${selector}; the page says: ${client.text()}`)
      return found
    },
    has: (selector) => page().component.querySelector(selector) !== undefined,
    /** An attribute of one of WeChat's own tags, which simulate does not write into the DOM. */
    attr: (selector, name) => node(selector).toJSON().attrs.find((attr) => attr.name === name)?.value,
    async tap(selector) {
      node(selector).dispatchEvent('tap')
      await simulate.sleep(0)
    },
    async type(selector, value) {
      node(selector).dispatchEvent('input', { detail: { value } })
      await simulate.sleep(0)
    },
    async fire(selector, event, detail) {
      node(selector).dispatchEvent(event, { detail })
      await simulate.sleep(0)
    },
    /** Waits for what the user would wait for. */
    async until(condition, what, seconds = 10) {
      const end = Date.now() + seconds * 1000
      while (!condition()) {
        if (Date.now() > end) throw new Error(`waited in vain for ${what}; ${page().route} says: ${client.text()}`)
        await simulate.sleep(20)
      }
      return client
    },
    arrive: (route) => client.until(() => page()?.route === `/pages/${route}/index`, `the page ${route}`),
    read: (words) => client.until(() => client.text().includes(words), `“${words}”`),
    quit() {
      while (stack.length > 0) close()
    },
  })
}

module.exports = { launch }
