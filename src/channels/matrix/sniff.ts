export interface Sniffed {
  msgtype: 'm.image' | 'm.audio' | 'm.video' | 'm.file'
  mimetype: string
  extension: string
}

const kinds: readonly (Sniffed & { starts: string; at?: number })[] = [
  { starts: 'ffd8ff', msgtype: 'm.image', mimetype: 'image/jpeg', extension: 'jpg' },
  { starts: '89504e470d0a1a0a', msgtype: 'm.image', mimetype: 'image/png', extension: 'png' },
  { starts: '474946383', msgtype: 'm.image', mimetype: 'image/gif', extension: 'gif' },
  { starts: '57454250', at: 8, msgtype: 'm.image', mimetype: 'image/webp', extension: 'webp' },
  { starts: '4f676753', msgtype: 'm.audio', mimetype: 'audio/ogg', extension: 'ogg' },
  { starts: '494433', msgtype: 'm.audio', mimetype: 'audio/mpeg', extension: 'mp3' },
  { starts: '2321414d52', msgtype: 'm.audio', mimetype: 'audio/amr', extension: 'amr' },
  { starts: '667479704d3441', at: 4, msgtype: 'm.audio', mimetype: 'audio/mp4', extension: 'm4a' },
  { starts: '66747970', at: 4, msgtype: 'm.video', mimetype: 'video/mp4', extension: 'mp4' },
  { starts: '1a45dfa3', msgtype: 'm.video', mimetype: 'video/webm', extension: 'webm' },
]

/** What a file is by its first bytes: what people's apps show. Everything else is a file to be saved. */
export function sniff(bytes: Uint8Array): Sniffed {
  const start = Buffer.from(bytes.subarray(0, 32)).toString('hex')
  const found = kinds.find(({ starts, at = 0 }) => start.startsWith(starts, at * 2))
  if (!found) return { msgtype: 'm.file', mimetype: 'application/octet-stream', extension: 'bin' }
  const { msgtype, mimetype, extension } = found
  return { msgtype, mimetype, extension }
}
