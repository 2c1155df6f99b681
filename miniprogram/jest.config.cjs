module.exports = {
  testEnvironment: 'jsdom',
  // The app is plain CommonJS, as WeChat runs it.
  transform: {},
  testMatch: ['<rootDir>/tests/**/*.test.js'],
  testTimeout: 30_000,
  setupFiles: ['<rootDir>/tests/setup.js'],
}
