/** What WeChat gives every file of a mini-program and miniprogram-simulate lacks. */

// A page is a component whose functions are its methods.
global.Page = (options) => {
  const methods = Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value === 'function'))
  global.Component({ data: options.data, methods })
}

global.App = (options) => {
  global.getApp = () => options
}
