// A story through the composition itself, told on a database: STORY_STORE=mongodb, and STORY_MONGODB=<address of a server>.
import { MongoClient } from 'mongodb'
import path from 'node:path'

const isAsked = process.env['STORY_STORE'] === 'mongodb'

/** Beside the settings of a kernel that has this data folder. */
export const databaseOf = (folder: string): Record<string, string> =>
  isAsked ? { IMOK_MONGODB_URL: `${process.env['STORY_MONGODB'] ?? ''}${path.basename(folder)}` } : {}

/** Damages the record of a kernel that has stopped. False: there is none in a database. */
export async function tearIn(folder: string, id: string): Promise<boolean> {
  const url = databaseOf(folder)['IMOK_MONGODB_URL']
  if (url === undefined) return false
  const client = await MongoClient.connect(url)
  try {
    const documents = client.db().collection<{ _id: string }>('documents')
    const { matchedCount } = await documents.updateOne({ _id: id }, { $set: { sealed: 'torn' } })
    return matchedCount === 1
  } finally {
    await client.close()
  }
}
