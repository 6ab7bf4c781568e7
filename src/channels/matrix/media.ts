import { Attachment } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Media } from '../../core/effect.ts'
import type { Duration } from '../../core/time.ts'
import { MINUTE, SECOND } from '../../core/time.ts'
import { SendError } from '../../ports/channel.ts'
import type { FetchMedia } from '../../ports/media.ts'
import { MediaError } from '../../ports/media.ts'
import type { MatrixApi } from './api.ts'
import { EFFECT } from './content.ts'
import { MatrixFailure } from './failure.ts'
import { sniff } from './sniff.ts'

/** Bytes that are held in memory at once, whatever the server would take. */
const LARGEST = 20 * 1024 * 1024
/** Kernel milliseconds: what could not be had until then is given up, and the room is told. */
const PATIENCE: Duration = 10 * MINUTE

export interface MediaOptions {
  api: MatrixApi
  fetchMedia: FetchMedia
}

/** The content of an encrypted attachment, uploaded; undefined if it cannot be had, ever. Throws `SendError` when it may work later. */
export type Attach = (id: string, media: Media, age: Duration) => Promise<Record<string, unknown> | undefined>

export function createAttach({ api, fetchMedia }: MediaOptions): Attach {
  let largest: number | undefined
  /** What the server takes; asked once. */
  const limit = async (): Promise<number> => {
    if (largest === undefined) {
      const { 'm.upload.size': size } = await api.request<{ 'm.upload.size'?: unknown }>(
        'GET',
        '/_matrix/client/v1/media/config',
      )
      largest = typeof size === 'number' ? Math.min(size, LARGEST) : LARGEST
    }
    return largest
  }

  const upload = async (bytes: Uint8Array): Promise<string> => {
    // Without a name: that would stand in clear.
    const { content_uri: uri } = await api.request<{ content_uri: string }>('POST', '/_matrix/media/v3/upload', {
      body: Buffer.from(bytes),
      contentType: 'application/octet-stream',
      within: 8 * SECOND,
    })
    return uri
  }

  return async (id, media, age) => {
    try {
      const bytes = await fetchMedia(media, await limit())
      const sealed = Attachment.encrypt(bytes)
      const info = JSON.parse(sealed.mediaEncryptionInfo ?? '{}') as object
      return contentOf(id, media, bytes, { ...info, url: await upload(sealed.encryptedData) })
    } catch (error) {
      const isLost = (error instanceof MediaError && error.kind !== 'later') || isTooLarge(error)
      if (isLost || age > PATIENCE) return undefined
      if (error instanceof MediaError) throw new SendError('refused', `media-${error.trouble}`)
      throw error
    }
  }
}

const isTooLarge = (error: unknown): boolean => error instanceof MatrixFailure && error.status === 413

function contentOf(id: string, { kind }: Media, bytes: Uint8Array, file: object): Record<string, unknown> {
  // What the sender's app calls it is not trusted: a browser shows what it is told to.
  const found = sniff(bytes)
  const isVoice = kind === 'voice' && found.msgtype === 'm.audio'
  return {
    msgtype: found.msgtype,
    body: `${kind}.${found.extension}`,
    filename: `${kind}.${found.extension}`,
    file,
    info: { mimetype: found.mimetype, size: bytes.length },
    'm.mentions': {},
    ...(isVoice && { 'org.matrix.msc3245.voice': {}, 'org.matrix.msc1767.audio': {} }),
    [EFFECT]: id,
  }
}
