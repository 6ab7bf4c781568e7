import type { Config } from '../config/config.ts'
import type { DataKey } from '../crypto/data-key.ts'
import { loadDataKey, parseDataKey } from '../crypto/data-key.ts'

/**
 * The key that everything at rest is sealed with: as it is set, else from the data folder, where the first start makes it. `elsewhere`: what
 * holds data already, so that a new key would be of no use.
 */
export const dataKeyOf = async ({ secretKey, dataDir }: Config, elsewhere?: string): Promise<DataKey> =>
  secretKey ? parseDataKey(secretKey.reveal(), 'IMOK_SECRET_KEY') : loadDataKey(dataDir, elsewhere)
