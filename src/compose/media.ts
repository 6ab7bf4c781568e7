import type { Outside } from '../app/engine.ts'
import type { FetchMedia } from '../ports/media.ts'
import { MediaError } from '../ports/media.ts'

/** Files come from whoever brought the message. */
export const mediaOf =
  (channels: () => Outside['channels']): FetchMedia =>
  ({ via, reference }, most) =>
    channels().get(via)?.fetch?.(reference, most) ?? Promise.reject(new MediaError('gone', 'no-files'))
