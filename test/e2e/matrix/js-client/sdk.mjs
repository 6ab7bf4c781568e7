// matrix-js-sdk, from the folder of the test tools.
import path from 'node:path'

const modules = path.resolve(import.meta.dirname, '../../tools/node_modules')
const lib = path.join(modules, 'matrix-js-sdk/lib')

export const sdk = await import(path.join(lib, 'index.js'))
export const crypto = await import(path.join(lib, 'crypto-api/index.js'))

/** The very module that the SDK uses: its objects are told from those of a second copy. */
export const { UserId } = await import(path.join(modules, '@matrix-org/matrix-sdk-crypto-wasm/node.mjs'))
