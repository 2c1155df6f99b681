import js from '@eslint/js'
import globals from 'globals'

const strict = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
}

export default [
  { ignores: ['node_modules/', 'app/miniprogram_npm/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['app/**/*.js'],
    languageOptions: {
      ecmaVersion: 2020,
      sourceType: 'commonjs',
      globals: {
        App: 'readonly',
        Component: 'readonly',
        Page: 'readonly',
        getApp: 'readonly',
        wx: 'readonly',
        clearInterval: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
      },
    },
    rules: {
      ...strict,
      // The card's password lives in memory only: one file alone keeps things on the phone, and it is easily looked over.
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[object.name='wx'][property.name=/[sS]torage/]", message: 'Only utils/storage.js keeps things on the phone.' },
      ],
    },
  },
  { files: ['app/utils/storage.js'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['scripts/**/*.js', 'tests/**/*.js', '*.cjs'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'commonjs', globals: { ...globals.node, ...globals.jest, document: 'readonly' } },
    rules: { ...strict, 'no-console': 'off' },
  },
]
