import type { Seal } from '../../crypto/seal.ts'
import type { Damage } from '../../ports/store.ts'
import { unsealDocument } from '../sealed-document.ts'
import type { Heading, Schemas, StoredDocument } from '../sealed-document.ts'
import type { Disk } from './disk.ts'
import { FOLDER, fileOf, idOf, parseRecord } from './stored-document.ts'

export interface Loaded {
  headings: Map<string, Heading>
  /** Left untouched on the disk: not to be read, and above all not to be written over. */
  blocked: Map<string, 'newer-schema' | 'undecryptable'>
  damage: Damage[]
}

/** Reads and opens every document once, so that a damaged one is found now and not at its deadline. Bodies are not kept. */
export async function loadDocuments(disk: Disk, seal: Seal, schemas: Schemas, asideName: string): Promise<Loaded> {
  const loaded: Loaded = { headings: new Map(), blocked: new Map(), damage: [] }
  for (const name of disk.list(FOLDER)) {
    const path = `${FOLDER}/${name}`
    if (name.endsWith('.tmp')) {
      await disk.remove(path).catch(() => undefined)
    } else if (name.endsWith('.json')) {
      const id = idOf(name)
      const heading = name === fileOf(id) ? inspect(disk.readNow(path), id, seal, schemas) : 'torn'
      if (typeof heading === 'object') {
        loaded.headings.set(id, heading)
      } else if (heading === 'newer-schema' || heading === 'unknown-key') {
        const what = heading === 'newer-schema' ? heading : 'undecryptable'
        loaded.blocked.set(id, what)
        loaded.damage.push({ id, what, setAside: path })
      } else {
        const setAside = await setAsideAs(disk, path, `${path}.${asideName}`)
        // Where it could not be moved it must not be written over either.
        if (setAside === path) loaded.blocked.set(id, 'undecryptable')
        loaded.damage.push({ id, what: heading, setAside })
      }
    }
  }
  // Also for what a killed process renamed but had no time to sync: we have read it, so from now on it must last.
  await disk.syncFolder(FOLDER)
  return loaded
}

async function setAsideAs(disk: Disk, from: string, to: string): Promise<string> {
  try {
    await disk.rename(from, to)
    return to
  } catch {
    return from
  }
}

function inspect(
  bytes: Uint8Array | undefined,
  id: string,
  seal: Seal,
  schemas: Schemas,
): Heading | 'torn' | 'undecryptable' | 'newer-schema' | 'unknown-key' {
  const record = bytes && parseRecord(bytes)
  if (!record) return 'torn'
  if (record === 'newer') return 'newer-schema'
  const heading = openHeading(record, id, seal)
  // A key that was never ours may still be somebody's: such a record is not damaged, and not ours to move.
  if (!heading) return seal.knows(record.keyId) ? 'undecryptable' : 'unknown-key'
  return heading.schema > (schemas[heading.kind] ?? Infinity) ? 'newer-schema' : heading
}

function openHeading(record: StoredDocument, id: string, seal: Seal): Heading | undefined {
  try {
    return unsealDocument(seal, id, record).heading
  } catch {
    return undefined
  }
}
