import path from 'node:path'

const folder = path.resolve(import.meta.dirname, '../tools/mongodb')

/** Where the stand-in for MongoDB lies when it is installed. */
export const lib = path.join(folder, 'lib')
export const sources = [path.join(folder, 'pom.xml'), path.join(folder, 'StandIn.java')]
