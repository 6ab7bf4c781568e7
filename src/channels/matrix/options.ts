import type { Role } from '../../core/address.ts'

export interface Admin {
  /** `@asha:example.org` */
  id: string
  role: Role
}

export interface MatrixSettings {
  /** `https://matrix.example.org` */
  homeserver: string
  /** `@imok:example.org`, or the part before the colon. */
  user: string
  password?: string
  accessToken?: string
  /** Without one the bot makes a room. */
  room?: string
  admins: readonly Admin[]
}
