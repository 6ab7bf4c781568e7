// Makes twilio.json from Twilio's own description of its API, keeping only what imok calls:
//   node test/support/specs/trim-twilio.mjs path/to/twilio_api_v2010.json
// Source: https://github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json of 2026-04-14 (repository: MIT; the document: Apache-2.0).
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const called = { '/2010-04-01/Accounts/{AccountSid}/Messages.json': ['get', 'post'] }

const whole = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const components = {}

/** Copies every component that `part` refers to, and what those refer to. */
function keepReferences(part) {
  if (typeof part !== 'object' || part === null) return
  const [, kind, name] = /^#\/components\/([^/]+)\/(.+)$/.exec(part.$ref ?? '') ?? []
  if (kind && !components[kind]?.[name]) {
    components[kind] = { ...components[kind], [name]: whole.components[kind][name] }
    keepReferences(components[kind][name])
  }
  for (const inner of Object.values(part)) keepReferences(inner)
}

const paths = {}
for (const [address, methods] of Object.entries(called)) {
  const { get, post, put, delete: remove, ...rest } = whole.paths[address]
  const all = { get, post, put, delete: remove }
  paths[address] = { ...rest, ...Object.fromEntries(methods.map((method) => [method, all[method]])) }
}
keepReferences(paths)
components.securitySchemes = whole.components.securitySchemes

const info = {
  ...whole.info,
  'x-trimmed':
    'Trimmed by test/support/specs/trim-twilio.mjs from https://github.com/twilio/twilio-oai spec/json/twilio_api_v2010.json (2026-04-14). Copyright Twilio Inc.; the repository is MIT licensed, the document names Apache-2.0.',
}
const { openapi, servers, security } = whole
const trimmed = { openapi, info, servers, security, paths, components }
writeFileSync(path.join(import.meta.dirname, 'twilio.json'), `${JSON.stringify(trimmed, null, 1)}\n`)
