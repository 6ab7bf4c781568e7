import { MongoBackend } from '@agendajs/mongo-backend'
import type { AgendaBackend } from 'agenda'
import type { Db } from 'mongodb'

/** Where Agenda keeps its jobs beside the documents of several kernels. They hold ids only. */
export const mongoBackend = (db: Db): AgendaBackend => new MongoBackend({ mongo: db, collection: 'jobs' })
