// Encrypted attachments, as the Matrix specification describes them (AES-256-CTR, SHA-256 of the ciphertext).
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

const unpadded = (bytes) => bytes.toString('base64').replace(/=+$/, '')
const sha256 = (bytes) => unpadded(createHash('sha256').update(bytes).digest())

export const fileCommands = (client, send) => ({
  sendFile: async ({ roomId, bytes, name, type, msgtype }) => {
    const clear = Buffer.from(bytes, 'base64')
    const key = randomBytes(32)
    const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]) // the lower half counts
    const cipher = createCipheriv('aes-256-ctr', key, iv)
    const sealed = Buffer.concat([cipher.update(clear), cipher.final()])
    const { content_uri: url } = await client.uploadContent(sealed, {
      type: 'application/octet-stream',
      includeFilename: false,
    })
    const k = key.toString('base64url')
    const file = {
      v: 'v2',
      url,
      key: { kty: 'oct', alg: 'A256CTR', ext: true, key_ops: ['encrypt', 'decrypt'], k },
      iv: unpadded(iv),
      hashes: { sha256: sha256(sealed) },
    }
    const info = { mimetype: type, size: clear.length }
    return send({ roomId, type: 'm.room.message', content: { msgtype, body: name, file, info } })
  },
  download: async ({ file }) => {
    const url = client.mxcUrlToHttp(file.url, undefined, undefined, undefined, false, true, true)
    const response = await fetch(url, { headers: { authorization: `Bearer ${client.getAccessToken()}` } })
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    const sealed = Buffer.from(await response.arrayBuffer())
    if (sha256(sealed) !== file.hashes.sha256) throw new Error(`${file.url} is not what its hash says`)
    const decipher = createDecipheriv(
      'aes-256-ctr',
      Buffer.from(file.key.k, 'base64url'),
      Buffer.from(file.iv, 'base64'),
    )
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('base64')
  },
})
