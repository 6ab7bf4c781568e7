// matrix-nio: a second implementation of the protocol and of the encryption (vodozemac), without cross-signing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { python } from '../python.mjs'
import { startClient, type MatrixClient } from './matrix-client.ts'

const program = path.join(import.meta.dirname, 'nio_client.py')

export interface NioClientSettings {
  /** The homeserver, or a proxy before it. */
  readonly url: string
  readonly user: string
  readonly password: string
  readonly deviceId?: string
  /** Where its keys are kept: the same folder again is the same device again. Without one they go with the client. */
  readonly storePath?: string
  /** Default: true. */
  readonly acceptInvites?: boolean
}

/** Logs in as a new device, which a JsClient of the same user may sign with crossSign(client.deviceId). */
export async function startNioClient(settings: NioClientSettings): Promise<MatrixClient> {
  const storePath = settings.storePath ?? mkdtempSync(path.join(tmpdir(), 'imok-nio-'))
  const forget = (): void => {
    if (settings.storePath === undefined) rmSync(storePath, { recursive: true, force: true })
  }
  try {
    const { client } = await startClient(python, ['-u', program], { ...settings, storePath })
    return {
      ...client,
      stop: async () => {
        await client.stop()
        forget()
      },
    }
  } catch (error) {
    forget()
    throw error
  }
}
