import { LosingDisk } from './losing-disk.ts'
import { RoomDoor } from './outside.ts'
import type { Story } from './story.ts'
import { tell } from './story.ts'

export interface NearlyOverdue {
  disk: LosingDisk
  door: RoomDoor
  story: Story
  /** Whether a record is that of whoever is out. */
  isIt: (id: string) => boolean
}

/** Mo's ten minutes are over in a second. */
export async function nearlyOverdue(): Promise<NearlyOverdue> {
  const [disk, door] = [new LosingDisk(), new RoomDoor()]
  const story = await tell({ store: disk.wrap, room: door.wrap })
  await story.phone().texts('IN 10')
  await story.forward('9m59s')
  const [member] = story.engine.house.overview.out()
  const isIt = (id: string): boolean => id === member?.id
  return { disk, door, story, isIt }
}
