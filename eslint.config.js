import js from '@eslint/js'
import mocha from 'eslint-plugin-mocha'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Scripts that run in a browser. */
const pages = ['src/http/assets/**/*.js']
const common =
  'console setTimeout clearTimeout setInterval clearInterval fetch URL URLSearchParams AbortController AbortSignal performance'
const globals = (...lists) =>
  Object.fromEntries(lists.flatMap((list) => list.split(' ')).map((name) => [name, 'readonly']))

const types = ['src/**/*.ts', 'test/**/*.ts']

/** Nothing in the core reads a clock, a random number, the process or the outside. */
const impure = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'The core is given the time.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'The core is given the time.' },
  { selector: "CallExpression[callee.name='Date']", message: 'The core is given the time.' },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'The core is given its ids.' },
  { selector: "MemberExpression[object.name='Temporal'][property.name='Now']", message: 'The core is given the time.' },
  { selector: ':function[async=true]', message: 'The core is synchronous: it decides, others wait.' },
  { selector: 'AwaitExpression', message: 'The core is synchronous: it decides, others wait.' },
]
const outside = [
  'process',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
  'crypto',
  'Buffer',
  'Promise',
]

export default defineConfig(
  globalIgnores([
    'node_modules/',
    'build/',
    'data/',
    'coverage/',
    '.installing/',
    'nodes/**/node_modules/',
    'test/e2e/tools/python/',
  ]),
  js.configs.recommended,
  { files: ['**/*.{js,mjs}'], ignores: pages, languageOptions: { globals: globals(common, 'process Buffer') } },
  {
    files: pages,
    languageOptions: {
      globals: globals(common, 'window document navigator location localStorage EventSource history'),
    },
    rules: { 'no-redeclare': ['error', { builtinGlobals: false }] }, // a script may name the ones it uses
  },
  {
    files: types,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off', // "return answer(404)" to leave early is how we write it
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      'max-lines': ['error', 300],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }], // [...text] is its code points, and meant
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...impure],
      'no-restricted-globals': [
        'error',
        ...outside.map((name) => ({ name, message: 'The core touches nothing outside.' })),
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'The core imports only the core.' }] },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    plugins: { mocha },
    rules: {
      'mocha/no-exclusive-tests': 'error',
      'mocha/no-identical-title': 'error',
      'mocha/no-nested-tests': 'error',
      'mocha/no-async-suite': 'error',
      '@typescript-eslint/no-unused-expressions': 'off', // chai: expect(x).to.be.true
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off', // sinon spies
      '@typescript-eslint/require-await': 'off', // doubles of async ports
    },
  },
)
