import type { Api } from 'grammy'
import { download } from '../../app/download.ts'
import { MediaError } from '../../ports/media.ts'

/** What the Bot API gives to a bot, in bytes; whatever is larger, it refuses. */
const LARGEST = 20 * 1024 * 1024

/** A file by its `file_id`. Throws `MediaError`. */
export async function fetchFile(
  api: Api,
  { token, apiUrl }: { token: string; apiUrl: string },
  fileId: string,
  most: number,
): Promise<Uint8Array> {
  const { file_path: path, file_size: size = 0 } = await api.getFile(fileId).catch((error: unknown) => {
    throw refusal(error)
  })
  if (size > Math.min(most, LARGEST)) throw new MediaError('too-large', 'too-large')
  if (path === undefined) throw new MediaError('gone', 'telegram-no-file')
  return download(new URL(`${apiUrl.replace(/\/+$/, '')}/file/bot${token}/${path}`), { most })
}

function refusal(error: unknown): MediaError {
  const { error_code: code, description = '' } = error as { error_code?: number; description?: string }
  if (code === 400)
    return /too big/.test(description)
      ? new MediaError('too-large', 'too-large')
      : new MediaError('gone', 'telegram-400')
  return new MediaError('later', code === undefined ? 'connection' : `telegram-${String(code)}`)
}
